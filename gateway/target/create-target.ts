// The target that a `to` names.
import { TenfoldError } from '../../core/errors.ts';
import { createAggregateTarget } from '../aggregate/aggregate-target.ts';
import type { PlanContext, TargetSpec } from '../plan/plan-context.ts';
import { createFunctionTarget } from './function-target.ts';
import type { Target } from './target.ts';
import { createUrlTarget } from './url-target.ts';

export function createTarget(context: PlanContext, namespace: string, spec: TargetSpec): Target {
  const { host, transport } = context;
  if (spec.function !== undefined) return createFunctionTarget(host, transport, namespace, spec.function);
  if (spec.url !== undefined) return createUrlTarget(transport, spec.url);
  if (spec.aggregate !== undefined) return createAggregateTarget(context, namespace, spec.aggregate);
  throw new TenfoldError('unsupported', `This version serves no target of the kind ${Object.keys(spec).join(', ')}.`);
}

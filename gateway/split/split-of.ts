// Combines the targets of one `to`: one by itself, or several as a split that tracks which ones are
// away.

import type { Target } from '../exchange/target.ts';
import type { Owner } from '../plan/instruments.ts';
import type { PlanContext, TargetSpec } from '../plan/plan-context.ts';
import { MemberHealth } from './member-health.ts';
import { createSplitTarget, type Member } from './split-target.ts';

export interface SplitChoice {
  readonly spec: TargetSpec;
  readonly weight: number;
  readonly target: Target;
}

export interface SplitSite {
  readonly context: PlanContext;
  /** Unique over all plans and stable from one to the next. */
  readonly key: string;
  readonly owner: Omit<Owner, 'target'>;
}

/** Tells a target from the others of its split: two addresses may have the same label. */
export function memberKey(key: string, { spec, target }: SplitChoice): string {
  return `${key} to ${spec.url ?? target.label}`;
}

export function splitOf({ context, key, owner }: SplitSite, choices: readonly SplitChoice[]): Target {
  const { world, log, state, instruments } = context;
  const [only, ...others] = choices;
  if (only && others.length === 0) return only.target;
  const members = choices.map((choice): Member => {
    const { spec, weight, target } = choice;
    const name = memberKey(key, choice);
    const health = state.keep(`member/${name}`, () => new MemberHealth());
    instruments.members.set(name, {
      owner: { ...owner, target: spec.url ?? target.label },
      value: { health, rests: () => target.restsForMs?.() ?? 0 },
    });
    return { target, weight, failover: spec.failover ?? false, health };
  });
  return createSplitTarget({ world, members, log, name: key });
}

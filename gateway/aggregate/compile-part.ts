// Compiles one part: its expressions, what it waits for, and the policies around its call.
import { createHash } from 'node:crypto';
import { compileExpression } from '../../core/cel/expression.ts';
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { compileValue } from '../../core/cel/value.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { splitOf } from '../split/split-of.ts';
import { isOurs } from '../steps/rewrite.ts';
import { createFieldForwarder } from '../upstream/forwarded-fields.ts';
import { compilePath } from '../upstream/path-template.ts';
import { Breaker } from '../upstream/policies/breaker.ts';
import { withRetry } from '../upstream/policies/retry.ts';
import { RetryBudget } from '../upstream/policies/retry-budget.ts';
import { withBreaker } from '../upstream/policies/with-breaker.ts';
import { hedge } from './hedge.ts';
import type { Part } from './part.ts';
import { cached, createPartCache } from './part-cache.ts';
import { createCaller, type PartCaller } from './part-caller.ts';
import type { PartReads } from './part-value.ts';
import { createRecentLatencies } from './recent-latencies.ts';

export type PartSpec = Resource<'Aggregate'>['spec']['parts'][string];

export interface PartSite {
  readonly context: PlanContext;
  readonly aggregate: Resource<'Aggregate'>;
  readonly name: string;
  readonly spec: PartSpec;
  /** Unique over all plans and stable from one to the next: `Aggregate/default/invoice/order`. */
  readonly key: string;
}

/** A part before its readers, and the values they read, are known. */
export type Draft = Omit<Part, 'inputs' | 'conditions' | 'waitsFor' | 'dependents' | 'caller'> & {
  readonly site: PartSite;
  /** The variables that path, headers and body read. */
  readonly inputReferences: readonly string[];
  readonly conditionReferences: readonly string[];
};

/** Throws `invalid-expression`. */
export function draftPart(site: PartSite, scope: Scope): Draft {
  const { context, aggregate, name, spec } = site;
  refuseOurs(context, aggregate, ['spec', 'parts', name, 'headers'], spec.headers);
  const { namespace } = aggregate.metadata;
  const path = compilePath(spec.path, scope);
  const headers = Object.entries(spec.headers ?? {}).map(([field, text]) => ({
    name: field,
    value: compileTemplate(text, scope, { expected: 'string' }),
  }));
  const body = spec.body === undefined ? undefined : compileValue(spec.body, scope);
  const when = spec.when === undefined ? undefined : compileExpression(spec.when.slice(2, -1), scope, 'bool');
  return {
    site,
    name,
    required: spec.required,
    fallback: spec.fallback,
    when,
    method: spec.method,
    path,
    headers,
    body,
    timeoutMs: spec.timeout,
    forward: createFieldForwarder(context, namespace, {
      internal: [spec.to].flat().every(({ url }) => url === undefined),
      identity: spec.cache === undefined || spec.cache.perConsumer,
      cached: spec.cache !== undefined,
    }),
    inputReferences: [path, ...headers.map(({ value }) => value), ...(body ? [body] : [])].flatMap(
      ({ references }) => references,
    ),
    conditionReferences: when?.references ?? [],
  };
}

/** The call with everything around it, from the inside out: retry, breaker, hedge, cache. */
export function createPartCaller(site: PartSite, reads: PartReads): PartCaller {
  const { context, aggregate, spec, key } = site;
  const { world, state } = context;
  let caller = createCaller(world, guardedTarget(site), spec.maxBody, reads);
  if (spec.hedge) {
    caller = hedge(world, caller, spec.hedge, state.keep(`latencies/${key}`, createRecentLatencies));
  }
  if (spec.cache) {
    // The stored answers were made by these settings: others begin anew.
    const settings = createHash('sha256')
      .update(JSON.stringify([spec, reads]))
      .digest('base64url');
    caller = cached(world, caller, {
      settings: spec.cache,
      cache: state.keep(`cache/${key}/${settings}`, createPartCache),
      seesAsker: [spec.to].flat().some(({ aggregate }) => aggregate !== undefined),
      fetchMs: spec.timeout ?? aggregate.spec.timeout,
    });
  }
  return caller;
}

function guardedTarget({ context, aggregate, name, spec, key }: PartSite): Target {
  const { world, state, log } = context;
  const { namespace } = aggregate.metadata;
  const choices = [spec.to].flat().map(to => ({
    spec: to,
    target: context.target(namespace, to),
    weight: 'weight' in to ? Number(to.weight) : 1,
  }));
  const owner = { kind: 'Aggregate', namespace, name: aggregate.metadata.name, route: name };
  let target = splitOf({ context, key, owner }, choices);
  if (spec.retry) {
    const budget = state.keep(`retry/${key}`, () => new RetryBudget());
    target = withRetry(target, { world, settings: spec.retry, budget });
  }
  if (spec.circuitBreaker) {
    const breaker = state.keep(`breaker/${key}`, () => new Breaker());
    target = withBreaker(target, { world, settings: spec.circuitBreaker, breaker, log, name: key });
  }
  return target;
}

/** Reports headers that the gateway itself answers for. */
export function refuseOurs(
  context: PlanContext,
  aggregate: Resource<'Aggregate'>,
  path: readonly string[],
  headers: Readonly<Record<string, string>> | undefined,
): void {
  for (const name of Object.keys(headers ?? {})) {
    if (!isOurs(name)) continue;
    context.report('error', aggregate, [...path, name], `The header ${name} is set by the gateway. Remove it here.`);
  }
}

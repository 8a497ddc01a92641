// A function behind its own limits and breaker: the same for every caller, whichever endpoint or
// resource the call comes through.
import type { Resource } from '../../resources/resource.ts';
import type { Call, Target } from '../exchange/target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { CallTimes } from './call-times.ts';
import { type CallLimits, createCallLimits } from './policies/call-limits.ts';
import { breakerOf, protect } from './policies/protect.ts';
import { circuitOpen } from './policies/with-breaker.ts';
import { withLimits } from './policies/with-limits.ts';

/** Whether its calls may have to wait for their turn, even when it asks for no pause. */
export function isLimited({ concurrency, rate }: Resource<'Function'>['spec']['limits']): boolean {
  return concurrency !== undefined || rate !== undefined;
}

/** The calls of a function that wait, and the pause that it asked for. */
export function limitsOf({ world, state, budgets }: PlanContext, namespace: string, name: string): CallLimits {
  const key = keyOfFunction(namespace, name);
  return state.keep<CallLimits>(`limits/${key}`, () => createCallLimits(world, budgets && { budgets, name: key }));
}

/** The durations of a function's calls, kept from one plan to the next. */
export function callTimesOf({ world, state }: PlanContext, namespace: string, name: string): CallTimes {
  return state.keep(`calls/${keyOfFunction(namespace, name)}`, () => new CallTimes(world));
}

export function guardFunction(context: PlanContext, resource: Resource<'Function'>, target: Target): Target {
  const { world, state, instruments } = context;
  const { namespace, name } = resource.metadata;
  const { limits: settings, circuitBreaker, timeout } = resource.spec;
  const key = keyOfFunction(namespace, name);
  const owner = { kind: 'Function', namespace, name, route: '', target: target.label };
  const times = callTimesOf(context, namespace, name);
  const refused = (call: Call) => times.refused(call);
  instruments.calls.set(key, { owner, value: times });
  const calls = protect(context, key, owner, { circuitBreaker, refused }, target);
  const limits = limitsOf(context, namespace, name);
  instruments.limits.set(key, { owner, value: limits });
  const limited = withLimits(calls, { world, settings: { ...settings, timeout }, limits, refused });
  const mayAlwaysWait = isLimited(settings);
  const { pause } = limits;
  const breaker = circuitBreaker && breakerOf(state, key);
  return {
    label: target.label,
    restsForMs: () => Math.max(pause.leftMs, calls.restsForMs?.() ?? 0),
    send(call) {
      if (!mayAlwaysWait && pause.leftMs === 0) {
        calls.send(call);
        return;
      }
      // A call does not wait for a turn at a function that would not be called.
      const waitMs = breaker?.refusesFor(world.monotonic()) ?? 0;
      if (waitMs > 0) {
        call.metBreaker?.('open');
        refused(call);
        call.fail(circuitOpen(target.label, waitMs));
      } else limited.send(call);
    },
  };
}

/** The key of its parts among the instruments of a plan. */
export function keyOfFunction(namespace: string, name: string): string {
  return `Function/${namespace}/${name}`;
}

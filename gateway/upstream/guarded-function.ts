// A function behind its own limits and breaker: the same for every caller, whichever endpoint or resource the call comes through.
import type { Resource } from '../../resources/resource.ts';
import type { Target } from '../exchange/target.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { type CallLimits, createCallLimits } from './policies/call-limits.ts';
import { breakerOf, protect } from './policies/protect.ts';
import { circuitOpen } from './policies/with-breaker.ts';
import { withLimits } from './policies/with-limits.ts';

/** Whether its calls may have to wait for their turn. */
export function isLimited({ concurrency, rate }: Resource<'Function'>['spec']['limits']): boolean {
  return concurrency !== undefined || rate !== undefined;
}

export function guardFunction(context: PlanContext, resource: Resource<'Function'>, target: Target): Target {
  const { world, state, instruments, budgets } = context;
  const { namespace, name } = resource.metadata;
  const { limits: settings, circuitBreaker, timeout } = resource.spec;
  const key = `Function/${namespace}/${name}`;
  const owner = { kind: 'Function', namespace, name, route: '', target: target.label };
  const calls = protect(context, key, owner, { circuitBreaker }, target);
  if (!isLimited(settings)) return calls;
  const limits = state.keep<CallLimits>(`limits/${key}`, () =>
    createCallLimits(world, budgets && { budgets, name: key }),
  );
  instruments.limits.set(key, { owner, value: limits });
  const limited = withLimits(calls, { world, settings: { ...settings, timeout }, limits });
  if (!circuitBreaker) return limited;
  const breaker = breakerOf(state, key);
  return {
    label: target.label,
    restsForMs: () => calls.restsForMs?.() ?? 0,
    send(call) {
      // A call does not wait for a turn at a function that would not be called.
      const waitMs = breaker.refusesFor(world.monotonic());
      if (waitMs > 0) call.fail(circuitOpen(target.label, waitMs));
      else limited.send(call);
    },
  };
}

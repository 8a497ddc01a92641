// Makes a failing plan smaller while it still fails in the same way: fewer faults, fewer
// happenings, fewer events, wider limits.
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import { NO_FUNCTION_FAULTS, NO_NUDGES, type Plan, WIDE } from './plan.ts';

/** `fails`: whether this plan still shows the failure. */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, maxRuns = 500): Promise<Plan> {
  let smallest = plan;
  let runs = 0;
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of simpler(smallest)) {
      if (runs++ >= maxRuns) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      smaller = true;
      break;
    }
  }
  return smallest;
}

function* simpler(plan: Plan): Generator<Plan> {
  const { happenings, limits } = plan;
  for (let size = happenings.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < happenings.length; start += size) {
      yield { ...plan, happenings: [...happenings.slice(0, start), ...happenings.slice(start + size)] };
    }
  }
  for (const log of resets(plan.log, NO_LOG_FAULTS)) yield { ...plan, log };
  for (const nudges of resets(plan.nudges, NO_NUDGES)) yield { ...plan, nudges };
  for (const functions of resets(plan.functions, NO_FUNCTION_FAULTS)) yield { ...plan, functions };
  for (const events of [Math.floor(limits.events / 2), limits.events - 1]) {
    if (events >= 1 && events < limits.events) yield { ...plan, limits: { ...limits, events } };
  }
  const { events, spanMs, ...others } = limits;
  for (const wide of resets(others, WIDE)) yield { ...plan, limits: { ...wide, events, spanMs } };
  if (limits.owners > 1) yield { ...plan, limits: { ...limits, owners: limits.owners - 1 } };
  if (limits.keys > 1) yield { ...plan, limits: { ...limits, keys: 1 } };
}

/** Each field that is not at rest set to rest. */
function* resets<T extends object>(from: T, rest: { readonly [K in keyof T]: T[K] }): Generator<T> {
  for (const name of keysOf(from)) {
    if (JSON.stringify(from[name]) !== JSON.stringify(rest[name])) yield { ...from, [name]: rest[name] };
  }
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  const keys: (keyof T)[] = [];
  for (const key in value) keys.push(key);
  return keys;
}

// Shows a failing plan to a person: what remains of it when it is as small as it gets, and
// what happened to each key.
import type { Consumer } from '../consumers/consumer.ts';
import { NO_LOG_FAULTS } from '../log/log-faults.ts';
import type { Plan } from '../scenario/plan.ts';
import { NO_FUNCTION_FAULTS, NO_NUDGES, WIDE } from '../scenario/plan.ts';
import { shrink } from '../scenario/shrink.ts';
import { optionOf } from './plan-of.ts';
import { kindOf, type Rejections, runOnce } from './run-once.ts';

export async function explain(plan: Plan, consumer: Consumer, rejections: Rejections): Promise<string> {
  const { error } = await runOnce(plan, consumer, rejections);
  if (!error) return `seed ${plan.seed}: nothing is wrong`;
  const same = async (candidate: Plan) => {
    const result = await runOnce(candidate, consumer, rejections);
    return result.error !== undefined && kindOf(result.error) === kindOf(error);
  };
  const smallest = await shrink(plan, same);
  const shown = await runOnce(smallest, consumer, rejections, { timeline: true });
  return [
    `seed ${plan.seed}: ${error.message}`,
    `smallest plan that fails so: ${shown.error?.message}`,
    differences(smallest),
    '',
    ...timelineOf(shown.ledger.timeline ?? []),
    '',
    shown.error?.stack ?? '',
    '',
    `again: node --conditions=tenfold-source test/simulation/main.ts --consumer ${consumer.name} ${optionOf(smallest)}`,
    `whole: node --conditions=tenfold-source test/simulation/main.ts --consumer ${consumer.name} ${optionOf(plan)}`,
  ].join('\n');
}

/** What is not at rest in a plan. */
function differences({ seed, limits, log, functions, nudges, happenings }: Plan): string {
  const changed = <T extends object>(value: T, rest: T) => {
    const out: Record<string, unknown> = {};
    for (const key in value) if (JSON.stringify(value[key]) !== JSON.stringify(rest[key])) out[key] = value[key];
    return JSON.stringify(out);
  };
  return [
    `  seed ${seed}`,
    `  limits ${changed(limits, WIDE)}`,
    `  log ${changed(log, NO_LOG_FAULTS)}`,
    `  nudges ${changed(nudges, NO_NUDGES)}`,
    `  functions ${changed(functions, NO_FUNCTION_FAULTS)}`,
    ...happenings.map(happening => `  ${JSON.stringify(happening)}`),
  ].join('\n');
}

function timelineOf(entries: readonly { at: number; lane: string; text: string }[]): string[] {
  return entries.map(({ at, lane, text }) => `${String(at).padStart(8)} ms  ${lane.padEnd(10)} ${text}`);
}

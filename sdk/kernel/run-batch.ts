// Runs a batch function and returns the outcome of each event, in the order sent.
import { counted } from '../../core/units/counted.ts';
import type { CloudEvent } from '../cloud-event.ts';
import type { Context } from '../context.ts';
import type { BatchDefinition } from './definition.ts';
import { validate } from './validate.ts';

export type Settled = PromiseSettledResult<unknown>;

const DONE: Settled = { status: 'fulfilled', value: undefined };

/** Throws what the handler threw: then the whole batch has failed. */
export async function runBatch(
  definition: BatchDefinition,
  events: readonly CloudEvent[],
  context: Context,
): Promise<readonly Settled[]> {
  const settled: Settled[] = new Array(events.length).fill(DONE);
  const accepted: CloudEvent[] = [];
  const positions: number[] = [];
  for (const [position, event] of events.entries()) {
    if (definition.schema !== undefined) {
      const result = await validate(definition.schema, event.data, 'data');
      if ('problem' in result) {
        settled[position] = { status: 'rejected', reason: result.problem };
        continue;
      }
      accepted.push({ ...event, data: result.value });
    } else accepted.push(event);
    positions.push(position);
  }
  if (accepted.length > 0) {
    const answer = await definition.handler(accepted, context);
    for (const [index, one] of (await settle(answer, accepted.length)).entries()) {
      settled[positions[index] ?? 0] = one;
    }
  }
  return settled;
}

async function settle(answer: unknown, count: number): Promise<readonly Settled[]> {
  if (answer === undefined || answer === null) return [];
  if (!Array.isArray(answer))
    throw new TypeError('A batch handler returns nothing, or a list with one outcome for each event.');
  if (answer.length !== count) {
    throw new TypeError(
      `A batch handler was given ${counted(count, 'event')} and returned ${counted(answer.length, 'outcome')}.`,
    );
  }
  // Awaits a list of pending promises: else an event would count as done before it is.
  return (await Promise.allSettled(answer)).map(one => (one.status === 'rejected' ? one : outcomeOf(one.value)));
}

/** An outcome is an error, what `Promise.allSettled` gives, or the result itself. */
function outcomeOf(outcome: unknown): Settled {
  if (outcome instanceof Error) return { status: 'rejected', reason: outcome };
  if (typeof outcome !== 'object' || outcome === null || !('status' in outcome)) {
    return { status: 'fulfilled', value: outcome };
  }
  if (outcome.status === 'rejected') {
    const reason = 'reason' in outcome ? outcome.reason : undefined;
    return { status: 'rejected', reason: reason ?? new Error('rejected without a reason') };
  }
  if (outcome.status !== 'fulfilled') return { status: 'fulfilled', value: outcome };
  const value = 'value' in outcome ? outcome.value : undefined;
  return value instanceof Error ? { status: 'rejected', reason: value } : { status: 'fulfilled', value };
}

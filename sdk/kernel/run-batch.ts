// Runs a batch function and turns its outcomes into one result for each event, in the order sent.
import type { BatchResult } from '../batch.ts';
import type { CloudEvent } from '../cloud-event.ts';
import type { Context } from '../context.ts';
import type { BatchDefinition } from './definition.ts';
import { toProblem } from './to-problem.ts';
import { validate } from './validate.ts';

const DONE = 204;
const DONE_WITH_DATA = 200;

/** Attribute of events that are items of a FanOut. */
const ITEM_ATTRIBUTE = 'itemindex';

export interface BatchRun {
  readonly results: readonly BatchResult[];
  /** Errors behind 5xx results, for the log. */
  readonly unexpected: readonly unknown[];
}

/** Throws what the handler threw: then the whole batch has failed. */
export async function runBatch(
  definition: BatchDefinition,
  events: readonly CloudEvent[],
  context: Context,
): Promise<BatchRun> {
  const outcomes: unknown[] = new Array(events.length).fill(undefined);
  const values: unknown[] = new Array(events.length).fill(undefined);
  const accepted: CloudEvent[] = [];
  const positions: number[] = [];
  for (const [position, event] of events.entries()) {
    if (definition.schema !== undefined) {
      const result = await validate(definition.schema, event.data, 'data');
      if ('problem' in result) {
        outcomes[position] = result.problem;
        continue;
      }
      accepted.push({ ...event, data: result.value });
    } else accepted.push(event);
    positions.push(position);
  }
  if (accepted.length > 0) {
    const answer = await definition.handler(accepted, context);
    for (const [index, failure] of toFailures(answer, accepted.length).entries()) {
      outcomes[positions[index] ?? 0] = failure;
    }
    if (Array.isArray(answer)) {
      for (const [index, outcome] of answer.entries()) values[positions[index] ?? 0] = resultOf(outcome);
    }
  }
  const unexpected: unknown[] = [];
  const results = events.map((event, position) =>
    toResult(event, outcomes[position], values[position], context.trace.traceId, unexpected),
  );
  return { results, unexpected };
}

/** One entry for each event: undefined when done, else the error. */
function toFailures(answer: unknown, count: number): unknown[] {
  if (answer === undefined || answer === null) return [];
  if (!Array.isArray(answer))
    throw new TypeError('A batch handler returns nothing, or a list with one outcome for each event.');
  if (answer.length !== count) {
    throw new TypeError(`A batch handler was given ${count} events and returned ${answer.length} outcomes.`);
  }
  return answer.map(outcome => {
    if (outcome instanceof Error) return outcome;
    if (typeof outcome === 'object' && outcome !== null && outcome.status === 'rejected') {
      return outcome.reason ?? new Error('rejected without a reason');
    }
    return undefined;
  });
}

/** What a settled promise of the list gives. */
function resultOf(outcome: unknown): unknown {
  const settled = typeof outcome === 'object' && outcome !== null && 'status' in outcome && 'value' in outcome;
  return settled && outcome.status === 'fulfilled' ? outcome.value : undefined;
}

function toResult(
  event: CloudEvent,
  failure: unknown,
  value: unknown,
  traceId: string,
  unexpected: unknown[],
): BatchResult {
  const { id } = event;
  if (failure === undefined) {
    // Of items of a FanOut alone: nobody else asks for what comes of an event.
    return value === undefined || event[ITEM_ATTRIBUTE] === undefined
      ? { id, status: DONE }
      : { id, status: DONE_WITH_DATA, data: value };
  }
  const problem = toProblem(failure, traceId);
  if (problem.unexpected) unexpected.push(failure);
  const seconds = Number(problem.headers['retry-after']);
  return {
    id,
    status: problem.status,
    ...(seconds >= 0 ? { retryAfterSeconds: seconds } : {}),
    error: problem.document,
  };
}

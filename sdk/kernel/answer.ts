// From a definition and its input to an answer, errors included: the one path that real
// processes and tests share.
import type { CloudEvent } from '../cloud-event.ts';
import { isHttpProblem } from '../problem.ts';
import { toBatchEntry } from './batch-entry.ts';
import type { BatchDefinition, EventDefinition, HttpDefinition } from './definition.ts';
import type { FunctionRequest } from './function-request.ts';
import type { Invocation } from './invocation.ts';
import { laterProblem } from './later.ts';
import { runBatch, type Settled } from './run-batch.ts';
import { type EventOutcome, outcomeOf, runEvent } from './run-event.ts';
import { runHttp } from './run-http.ts';
import { type Answer, type ProblemAnswer, problemAnswer, type Thrown, toAnswer } from './to-answer.ts';

/** An event to answer with; the host encodes it. */
export interface EventAnswer {
  readonly event: CloudEvent;
}

const MULTI_STATUS = 207;
const LOST: Settled = { status: 'rejected', reason: new Error('Nothing was said of the event.') };
const NO_CONTENT: Answer = { status: 204, headers: [], body: undefined };

/**
 * Returns no promise when the handler gives its result at once: that saves the two or three that it
 * would cost.
 */
export function answerHttp(
  definition: HttpDefinition,
  request: FunctionRequest,
  invocation: Invocation,
): Answer | Promise<Answer> {
  try {
    const value = runHttp(definition, request, invocation);
    return isThenable(value) ? answerLater(value, request, invocation) : toAnswer(value, invocation);
  } catch (error) {
    return answerError(error, invocation, request);
  }
}

async function answerLater(
  value: PromiseLike<unknown>,
  request: FunctionRequest,
  invocation: Invocation,
): Promise<Answer> {
  try {
    return toAnswer(await value, invocation);
  } catch (error) {
    return answerError(error, invocation, request);
  }
}

export async function answerEvent(
  definition: EventDefinition,
  event: CloudEvent,
  invocation: Invocation,
): Promise<Answer | EventAnswer> {
  try {
    return answerOutcome(await runEvent(definition, event, invocation), invocation);
  } catch (error) {
    return answerError(error, invocation);
  }
}

/**
 * 204 when every event is done and there is nothing else to say, else 207 with one result for each.
 */
export async function answerBatch(
  definition: BatchDefinition,
  events: readonly CloudEvent[],
  invocation: Invocation,
): Promise<Answer> {
  try {
    const settled = await runBatch(definition, events, invocation);
    const entries = await Promise.all(
      events.map((event, position) => toBatchEntry(event, settled[position] ?? LOST, invocation)),
    );
    const thrown: Thrown[] = [];
    for (const [of, { thrown: one }] of entries.entries()) {
      if (one === undefined) continue;
      thrown.push({ of, error: one.error });
      if (one.unexpected) logUnexpected(one.error, invocation);
    }
    if (entries.every(({ status }) => status === NO_CONTENT.status)) return NO_CONTENT;
    const body = `{"results":[${entries.map(({ text }) => text).join(',')}]}`;
    return { status: MULTI_STATUS, headers: ['content-type', 'application/json'], body, thrown };
  } catch (error) {
    return answerError(error, invocation);
  }
}

/** One event that came alone is answered alone, as an event function does. */
export async function answerBatchOfOne(
  definition: BatchDefinition,
  event: CloudEvent,
  invocation: Invocation,
): Promise<Answer | EventAnswer> {
  try {
    const [settled = LOST] = await runBatch(definition, [event], invocation);
    if (settled.status === 'rejected') throw settled.reason;
    return answerOutcome(outcomeOf(settled.value, event, invocation.functionName), invocation);
  } catch (error) {
    return answerError(error, invocation);
  }
}

/**
 * The problem document for an error; one that was not thrown on purpose is logged with its stack.
 */
export function answerError(error: unknown, invocation: Invocation, request?: FunctionRequest): ProblemAnswer {
  if (!isHttpProblem(error)) logUnexpected(error, invocation, request);
  return problemAnswer(error, invocation.trace.traceId);
}

function answerOutcome(outcome: EventOutcome, invocation: Invocation): Answer | EventAnswer {
  if (outcome.kind === 'done') return NO_CONTENT;
  return outcome.kind === 'event' ? { event: outcome.event } : toAnswer(outcome.value, invocation);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
  );
}

/** A line about an event names it anyway; a request is named without its query. */
function logUnexpected(error: unknown, invocation: Invocation, request?: FunctionRequest): void {
  const about = request === undefined ? {} : { request: `${request.method} ${request.path}` };
  // A handler should fail after a timeout, or when the caller has left.
  if (laterProblem(error)) invocation.logger.warn('the platform refused a call for now', { error });
  else if (invocation.isCancelled) invocation.logger.debug('the handler failed after it was cancelled', { error });
  else invocation.logger.error('the handler failed', { ...about, error });
}

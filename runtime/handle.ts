// Runs the function for one request and gives its answer, whatever kind of function it is.
import { contentModeOf, decodeEvent, decodeEvents } from '../core/cloudevents/decode.ts';
import { encodeBinary } from '../core/cloudevents/encode.ts';
import { TenfoldError } from '../core/errors.ts';
import type { CloudEvent } from '../sdk/cloud-event.ts';
import { answerBatch, answerBatchOfOne, answerError, answerEvent, answerHttp } from '../sdk/kernel/answer.ts';
import type { BatchDefinition, Definition, EventDefinition } from '../sdk/kernel/definition.ts';
import { FunctionRequest } from '../sdk/kernel/function-request.ts';
import { type KnownProblem, knownProblem, knownProblems } from '../sdk/kernel/known-problems.ts';
import type { Answer } from '../sdk/kernel/to-answer.ts';
import type { Exchange } from './exchange.ts';

/** Returns no promise when the handler gives its result at once. */
export function handle(definition: Definition, exchange: Exchange): Answer | Promise<Answer> {
  if (definition.kind !== 'http') return handleEvents(definition, exchange);
  return answerHttp(definition, new FunctionRequest(exchange.request, exchange), exchange.invocation);
}

async function handleEvents(definition: EventDefinition | BatchDefinition, exchange: Exchange): Promise<Answer> {
  const { request, invocation } = exchange;
  try {
    if (request.method !== 'POST') {
      throw knownProblem('method-not-allowed', 'This function takes events: send them by POST.', {
        headers: { allow: 'POST' },
      });
    }
    const bytes = await exchange.bytes();
    const { rawHeaders } = request;
    if (definition.kind === 'batch' && contentModeOf(rawHeaders) === 'batched')
      return await answerBatch(definition, decodeAll(rawHeaders, bytes), invocation);
    const event = decodeOne(rawHeaders, bytes);
    const answer =
      definition.kind === 'batch'
        ? await answerBatchOfOne(definition, event, invocation)
        : await answerEvent(definition, event, invocation);
    if (!('event' in answer)) return answer;
    // A BigInt is refused, as in answers to batches.
    const { headers, body: encoded } = encodeBinary(answer.event, value => JSON.stringify(value));
    return { status: 200, headers, body: encoded };
  } catch (error) {
    return answerError(toHttpProblem(error), invocation);
  }
}

function decodeOne(headers: readonly string[], bytes: Buffer): CloudEvent {
  const event = decodeEvent(headers, bytes);
  return 'data' in event ? withData(event) : { ...event, data: undefined };
}

function decodeAll(headers: readonly string[], bytes: Buffer): CloudEvent[] {
  return decodeEvents(headers, bytes).map(event => ({ ...event, data: event.data }));
}

/** The two types of one event differ in whether `data` may be missing. */
function withData<E extends { data?: unknown }>(event: E): E & { data: unknown } {
  return event as E & { data: unknown };
}

function toHttpProblem(error: unknown): unknown {
  if (!(error instanceof TenfoldError) || !isKnown(error.code)) return error;
  return knownProblem(error.code, error.message, { extensions: error.extensions, cause: error });
}

function isKnown(code: string): code is KnownProblem {
  return Object.hasOwn(knownProblems, code);
}

// Reads the answer to a batch: 207 with one result for each event, in the order sent
// (docs/guides/batches.md has the format).

import { defaultEventLimits } from '../../core/cloudevents/cloud-event.ts';
import { toEvent } from '../../core/cloudevents/decode-json.ts';
import { encodeBinary } from '../../core/cloudevents/encode.ts';
import { isJsonType } from '../../core/cloudevents/media-type.ts';
import { counted } from '../../core/units/counted.ts';
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import type { CallAnswer } from './caller.ts';
import type { Outcome } from './destination.ts';
import { causeOf, describe, errorToOutcome, toEntryFailure } from './to-outcome.ts';

const MULTI_STATUS = 207;
/** `{"results":` and any blanks before it. Other answers are not parsed. */
const LOOKS_LIKE_RESULTS = /^\s*\{\s*"results"\s*:\s*\[/;
const LOOK_BYTES = 64;

/**
 * One outcome for each event. Undefined: the answer is about all of them. `ids`: of the events, as
 * far as they are known. A list that does not fit the events fails all of them, as nobody can tell
 * which result belongs to which event.
 */
export function readBatchAnswer(
  answer: CallAnswer,
  ids: readonly (string | undefined)[],
): readonly Outcome[] | undefined {
  const { status, body } = answer;
  if (status < 200 || status > 299) return undefined;
  if (status !== MULTI_STATUS && !LOOKS_LIKE_RESULTS.test(body.toString('latin1', 0, LOOK_BYTES))) return undefined;
  const results = resultsOf(body);
  if (results === undefined) return failAll(ids.length, status, 'without a list of results');
  if (results.length !== ids.length) {
    return failAll(ids.length, status, `with ${counted(results.length, 'result')} for ${counted(ids.length, 'event')}`);
  }
  const stranger = results.findIndex((result, at) => isOfAnother(result, ids[at]));
  if (stranger !== -1) return failAll(ids.length, status, `with the result of another event in place ${stranger + 1}`);
  return results.map((result, at) => toOutcome(result, causeOf(answer, at)));
}

/**
 * The outcome of one event that was sent alone. A batch function of an earlier release answers with
 * a list all the same.
 */
export function readAnswerToOne(answer: CallAnswer, id: string | undefined): Outcome | undefined {
  if (answer.status !== MULTI_STATUS || resultsOf(answer.body)?.length !== 1) return undefined;
  return readBatchAnswer(answer, [id])?.[0];
}

function failAll(count: number, status: number, how: string): readonly Outcome[] {
  const failed: Outcome = {
    kind: 'failed',
    retryable: true,
    error: { status, message: `It answered ${status} ${how}.` },
  };
  return Array.from({ length: count }, () => failed);
}

function isOfAnother(result: unknown, id: string | undefined): boolean {
  if (id === undefined || typeof result !== 'object' || result === null || !('id' in result)) return false;
  return typeof result.id === 'string' && result.id !== id;
}

function resultsOf(body: Buffer): readonly unknown[] | undefined {
  try {
    const answer: unknown = parseExactly(body.toString('utf8'));
    if (typeof answer !== 'object' || answer === null || !('results' in answer)) return undefined;
    return Array.isArray(answer.results) ? answer.results : undefined;
  } catch {
    return undefined;
  }
}

interface Entry {
  readonly status?: unknown;
  readonly retryAfterSeconds?: unknown;
  readonly error?: unknown;
  readonly data?: unknown;
  readonly data_base64?: unknown;
  readonly datacontenttype?: unknown;
  readonly event?: unknown;
}

function toOutcome(result: unknown, cause: ReturnType<typeof causeOf>): Outcome {
  const entry: Entry = typeof result === 'object' && result !== null ? result : {};
  const { status, retryAfterSeconds: seconds, error } = entry;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    return { kind: 'failed', retryable: true, error: { message: 'Its result for the event has no status.' } };
  }
  if (status < 300) {
    try {
      const answer = toAnswer(status, entry);
      return answer === undefined ? { kind: 'done' } : { kind: 'done', answer };
    } catch (invalid) {
      return errorToOutcome(invalid);
    }
  }
  const failure = { status, message: describe(error) ?? `It answered ${status} to the event.`, ...cause };
  return toEntryFailure(status, failure, typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined);
}

/**
 * The outcome that the answer would be for the event alone. Throws `invalid-event` for an
 * unreadable `event`.
 */
function toAnswer(status: number, entry: Entry): CallAnswer | undefined {
  const { data, data_base64: base64, datacontenttype: given, event } = entry;
  if (event !== undefined && event !== null) {
    const { headers, body } = encodeBinary(toEvent(event, defaultEventLimits, 'the result', parseExactly));
    return { status, headers, body: typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0)) };
  }
  const type = typeof given === 'string' ? given : undefined;
  const headers = type === undefined ? [] : ['content-type', type];
  if (typeof base64 === 'string') return { status, headers, body: Buffer.from(base64, 'base64') };
  if (data === undefined) return undefined;
  if (typeof data === 'string' && type !== undefined && !isJsonType(type)) {
    return { status, headers, body: Buffer.from(data) };
  }
  return {
    status,
    headers: type === undefined ? ['content-type', 'application/json'] : headers,
    body: Buffer.from(toExactText(data)),
  };
}

// Reads what a function says of each event of a batch: 207 with one result for each, in the order sent (sdk/batch.ts has the format).
import type { CallAnswer } from './caller.ts';
import type { Outcome } from './destination.ts';
import { describe, toFailure } from './to-outcome.ts';

/** One outcome for each event, or one failure for all when the answer is no such list. */
export function readBatchAnswer({ body }: CallAnswer, count: number): readonly Outcome[] {
  const results = resultsOf(body);
  if (results === undefined || results.length !== count) {
    const message =
      results === undefined
        ? 'It answered 207 without a list of results.'
        : `It answered 207 with ${results.length} results for ${count} events.`;
    const failed: Outcome = { kind: 'failed', retryable: true, error: { status: 207, message } };
    return Array.from({ length: count }, () => failed);
  }
  return results.map(toOutcome);
}

function resultsOf(body: Buffer): readonly unknown[] | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    if (typeof answer !== 'object' || answer === null || !('results' in answer)) return undefined;
    return Array.isArray(answer.results) ? answer.results : undefined;
  } catch {
    return undefined;
  }
}

function toOutcome(result: unknown): Outcome {
  const entry: { status?: unknown; retryAfterSeconds?: unknown; error?: unknown; data?: unknown } =
    typeof result === 'object' && result !== null ? result : {};
  const { status, retryAfterSeconds: seconds, error, data } = entry;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    return { kind: 'failed', retryable: true, error: { message: 'Its result for the event has no status.' } };
  }
  if (status < 300) {
    if (data === undefined) return { kind: 'done' };
    const headers = ['content-type', 'application/json'];
    return { kind: 'done', answer: { status, headers, body: Buffer.from(JSON.stringify(data)) } };
  }
  const failure = { status, message: describe(error) ?? `It answered ${status} to the event.` };
  const outcome = toFailure(status, failure, undefined);
  if (outcome.kind !== 'failed' || !outcome.retryable || typeof seconds !== 'number' || !(seconds >= 0)) return outcome;
  return { ...outcome, retryAfterMs: seconds * 1000 };
}

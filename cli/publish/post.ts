// Sends events to the internal listener of a topic and reads what became of each.

import { encodeHeaderValue } from '../../core/cloudevents/header-value.ts';
import { BATCH_TYPE } from '../../core/cloudevents/media-type.ts';
import { isRetryable, TenfoldError } from '../../core/errors.ts';
import { retryAfterSeconds } from '../../core/retry/retry-after.ts';
import { KEY_HEADER } from '../../core/wire.ts';
import { CommandError } from '../command-error.ts';
import { reasonOf, toError } from '../platform/admin-call.ts';
import type { InternalListener } from '../platform/internal-listener.ts';
import type { Entry, EventDefaults } from './read-entries.ts';

/** `again`: it may be taken after so many milliseconds. */
export type BatchOutcome =
  | { readonly taken: true }
  | { readonly taken: false; readonly why: string; readonly again?: number };

const TIMEOUT_MS = 60_000;

/** In binary mode: the data are sent as they are. */
export async function postEvent(
  listener: InternalListener,
  topic: string,
  { id, type, source, subject, key }: EventDefaults & { readonly id: string },
  data: Buffer | undefined,
): Promise<void> {
  const attributes: [string, string | undefined][] = [
    ['specversion', '1.0'],
    ['id', id],
    ['type', type],
    ['source', source],
    ['subject', subject],
    ['partitionkey', key],
    ['time', new Date().toISOString()],
  ];
  const headers = attributes.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[`ce-${name}`, encodeHeaderValue(name, value.toWellFormed())]],
  );
  if (data !== undefined) headers.push(['content-type', contentTypeOf(data)]);
  await post(listener, topic, headers, data);
}

/** The outcomes in the order of the entries. Rejects when the batch as a whole was not taken. */
export async function postBatch(
  listener: InternalListener,
  topic: string,
  entries: readonly Entry[],
): Promise<BatchOutcome[]> {
  const body = `[${entries.map(({ text }) => text).join(',')}]`;
  try {
    const answer = await post(listener, topic, [['content-type', BATCH_TYPE]], body);
    return answer === undefined ? entries.map(() => ({ taken: true })) : toOutcomes(answer);
  } catch (error) {
    // When nothing was taken, each event has its reason beside the error. For a single event the
    // error is its reason.
    const results = error instanceof TenfoldError ? error.extensions['results'] : undefined;
    if (Array.isArray(results)) return toOutcomes({ results });
    const own = error instanceof TenfoldError && error.status < 500 && error.code !== 'not-found';
    if (own && !error.retryable && entries.length === 1) return [{ taken: false, why: error.message }];
    throw error;
  }
}

/** The body of the answer where it has one. */
async function post(
  { url, key }: InternalListener,
  topic: string,
  headers: [string, string][],
  body: Buffer | string | undefined,
): Promise<unknown> {
  const address = `${url.replace(/\/$/, '')}/topics/${encodeURIComponent(topic)}`;
  let response: Response;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: [...headers, [KEY_HEADER, key]],
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new CommandError('platform-unreachable', `No platform answers at ${url} (${reasonOf(cause)}).`, { cause });
  }
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const after = retryAfterSeconds(response.headers.get('retry-after') ?? undefined, Date.now());
  const { code, message } =
    toError(response.status, answer) ?? new TenfoldError('bad-gateway', `The answer is ${response.status}.`);
  throw new TenfoldError(code, message, {
    ...(after === undefined ? {} : { retryAfterSeconds: after }),
    extensions: typeof answer === 'object' && answer !== null && 'results' in answer ? { results: answer.results } : {},
  });
}

function toOutcomes(answer: unknown): BatchOutcome[] {
  const results = typeof answer === 'object' && answer !== null && 'results' in answer ? answer.results : undefined;
  return Array.isArray(results) ? results.map(toOutcome) : [];
}

function toOutcome(result: unknown): BatchOutcome {
  if (typeof result !== 'object' || result === null || !('status' in result)) {
    return { taken: false, why: 'What the platform said of it cannot be read.' };
  }
  if (Number(result.status) < 300) return { taken: true };
  const error = toError(Number(result.status), 'error' in result ? result.error : undefined);
  const why = error?.message ?? `Refused with ${Number(result.status)}.`;
  const seconds = 'retryAfterSeconds' in result ? Number(result.retryAfterSeconds) : 0;
  return isRetryable(error) ? { taken: false, why, again: seconds * 1000 } : { taken: false, why };
}

function contentTypeOf(data: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return 'application/octet-stream';
  }
  try {
    JSON.parse(text);
    return 'application/json';
  } catch {
    return 'text/plain; charset=utf-8';
  }
}

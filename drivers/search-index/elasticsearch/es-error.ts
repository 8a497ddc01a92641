// Says in the port's words what Elasticsearch or the connection to it answered.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';

const cause = z.object({ type: z.string().optional(), reason: z.string().nullish() });
const refusal = z.object({
  name: z.literal('ResponseError'),
  statusCode: z.number(),
  body: z
    .object({ error: cause.extend({ root_cause: z.array(cause).optional() }).or(z.string()) })
    .optional()
    .catch(undefined),
});

/** The index has other settings than those that it was written or asked with. */
export class OutOfDate extends Error {}

export interface Refusal {
  readonly status: number;
  /**
   * A type like `index_not_found_exception`; empty when a proxy answered in place of Elasticsearch.
   */
  readonly type: string;
  readonly reason: string;
}

/** Undefined: nobody answered, or nothing that can be read. */
export function elasticsearchRefusalOf(error: unknown): Refusal | undefined {
  const parsed = refusal.safeParse(error);
  if (!parsed.success) return undefined;
  const { statusCode: status, body } = parsed.data;
  const said = body?.error;
  if (said === undefined || typeof said === 'string') return { status, type: '', reason: said ?? `status ${status}` };
  // When a search failed on its shards, the reason lies deeper.
  const deepest = said.root_cause?.[0] ?? said;
  return { status, type: said.type ?? '', reason: deepest.reason ?? said.reason ?? said.type ?? `status ${status}` };
}

/** Whether somebody else, or the same a moment later, may do it. */
export function isPassing(error: unknown): boolean {
  const status = elasticsearchRefusalOf(error)?.status;
  if (status !== undefined) return isPassingStatus(status);
  return error instanceof Error && (error.name === 'ConnectionError' || error.name === 'NoLivingConnectionsError');
}

export function isPassingStatus(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

const CONFLICTS = new Set([
  'resource_already_exists_exception',
  'invalid_alias_name_exception',
  'invalid_index_name_exception',
]);

export function toSearchError(error: unknown): TenfoldError | OutOfDate {
  if (error instanceof TenfoldError || error instanceof OutOfDate) return error;
  const said = elasticsearchRefusalOf(error);
  // Every question names a field that is named by the settings.
  if (said?.reason.startsWith('No mapping found for [')) return new OutOfDate(said.reason, { cause: error });
  if (said) return toRefusalError(said, error);
  const text = error instanceof Error ? error.message || error.name : String(error);
  const name = error instanceof Error ? error.name : '';
  if (name === 'RequestAbortedError' && text.startsWith('The content length'))
    return new TenfoldError('body-too-large', `The answer of Elasticsearch is too large, ask for fewer hits: ${text}`, {
      cause: error,
    });
  if (name === 'ProductNotSupportedError')
    return new TenfoldError('store-unavailable', `The server there is not Elasticsearch: ${text}`, { cause: error });
  return new TenfoldError(
    'store-unavailable',
    `Elasticsearch cannot be reached, or the connection was lost on the way: ${text}`,
    { cause: error },
  );
}

export function toRefusalError({ status, type, reason }: Refusal, cause?: unknown): TenfoldError {
  const options = cause === undefined ? {} : { cause };
  if (type === 'index_not_found_exception')
    return new TenfoldError('not-found', `There is no such search index: ${reason}`, options);
  // The client asks for answers of version 9.
  if (type === 'media_type_header_exception')
    return new TenfoldError(
      'store-unavailable',
      `This Elasticsearch is too old; 9 or later is needed: ${reason}`,
      options,
    );
  if (CONFLICTS.has(type)) return new TenfoldError('conflict', `The name is taken: ${reason}`, options);
  switch (status) {
    case 400:
      return new TenfoldError('invalid-input', `Elasticsearch cannot do this: ${reason}`, options);
    case 401:
    case 403:
      return new TenfoldError('store-unavailable', `Elasticsearch does not allow this: ${reason}`, options);
    case 413:
      return new TenfoldError('body-too-large', `This is more than Elasticsearch takes at once: ${reason}`, options);
    case 429:
      return new TenfoldError('overloaded', `Elasticsearch has too much to do: ${reason}`, options);
    default:
      return new TenfoldError('store-unavailable', `Elasticsearch could not do this (${status}): ${reason}`, options);
  }
}

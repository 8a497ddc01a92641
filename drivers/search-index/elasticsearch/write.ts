// Writes documents in bulk. The answer is 200 whatever becomes of them: each has its own outcome,
// and what was refused for the moment is sent again.

import type { estypes } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import { pauseAfter } from '../../../core/retry/backoff.ts';
import { counted } from '../../../core/units/counted.ts';
import type { World } from '../../../core/world.ts';
import type { ChangeOutcome, DocumentChange } from '../search-index.ts';
import { indexDocument, Unfit } from '../text/document.ts';
import { TOMBSTONE_MS } from '../tombstone.ts';
import { elasticsearchRefusalOf, isPassingStatus, OutOfDate, type Refusal, toRefusalError } from './es-error.ts';
import type { Ask, ElasticsearchLink } from './link.ts';
import { type ElasticsearchIndex, writeAliasOf } from './mapping.ts';
import { storedText, tombstoneText } from './stored.ts';

export interface Operation {
  /** Its place among the changes. */
  readonly at: number;
  /** The kind of the operation and its version. */
  readonly action: string;
  readonly body: string | undefined;
  readonly bytes: number;
}

/** Bytes of one request, about; of a single document there may be more. */
const MAX_REQUEST = 4 * 1024 * 1024;
/** Requests in all for what Elasticsearch has no room for now. */
const ATTEMPTS = 6;
const PAUSES = { base: 130, max: 2_000 };
const REASONS =
  'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason,items.*.error.caused_by.caused_by.reason';

/**
 * Refuses changes that do not fit; the others become operations. `documents`: as JSON, by place.
 */
export function toOperations(
  index: ElasticsearchIndex,
  changes: readonly DocumentChange[],
  documents: readonly string[],
  now: number,
): { readonly outcomes: (ChangeOutcome | undefined)[]; readonly operations: Operation[] } {
  const outcomes: (ChangeOutcome | undefined)[] = [];
  const operations: Operation[] = [];
  for (const [at, change] of changes.entries()) {
    try {
      operations.push(toOperation(index, at, change, documents[at] ?? '{}', now));
      outcomes.push(undefined);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      outcomes.push({ kind: 'refused', reason: error.message });
    }
  }
  return { outcomes, operations };
}

function toOperation(
  index: ElasticsearchIndex,
  at: number,
  change: DocumentChange,
  text: string,
  now: number,
): Operation {
  if (change.kind === 'delete')
    // Elasticsearch forgets a deletion after a minute; so it is kept as a document of its own.
    return operationOf(at, change.id, change.version, 'external', tombstoneText(now + TOMBSTONE_MS));
  const expires = change.ttlMs === undefined ? undefined : Math.ceil(now + change.ttlMs);
  const indexed = indexDocument(index.plan, JSON.parse(text));
  return operationOf(at, change.id, change.version, 'external', storedText(index, change.id, text, indexed, expires));
}

/**
 * Without a body it deletes. `external`: a higher version than the stored one wins;
 * `external_gte`: the same one, too.
 */
export function operationOf(
  at: number,
  id: string,
  version: number,
  versions: 'external' | 'external_gte',
  body: string | undefined,
): Operation {
  const action = JSON.stringify({
    [body === undefined ? 'delete' : 'index']: { _id: id, version, version_type: versions },
  });
  return { at, action, body, bytes: action.length + Buffer.byteLength(body ?? '') + 2 };
}

/** Sets the outcome of each operation, or rejects; then some may have been done. */
export async function write(
  world: World,
  link: ElasticsearchLink,
  index: ElasticsearchIndex,
  operations: readonly Operation[],
  outcomes: (ChangeOutcome | undefined)[],
): Promise<void> {
  await link.within(async (ask, pause) => {
    let left = operations;
    let anyDone = false;
    for (let attempt = 1; left.length > 0; attempt++) {
      const again: Operation[] = [];
      let refusal: Refusal | undefined;
      for (const slice of slicesOf(left)) {
        const answers = await send(ask, index, slice);
        for (const [at, operation] of slice.entries()) {
          const answer = answers[at];
          const met = outcomeOf(answer);
          if ('kind' in met) {
            outcomes[operation.at] = met;
            anyDone = true;
          } else {
            refusal = met;
            again.push(operation);
          }
        }
      }
      if (refusal === undefined) return;
      if (attempt === ATTEMPTS) throw givenUp(again.length, refusal, anyDone);
      await pause(pauseAfter(attempt, PAUSES, world.random()));
      left = again;
    }
  });
}

function* slicesOf(operations: readonly Operation[]): Generator<readonly Operation[]> {
  let slice: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    if (slice.length > 0 && bytes + operation.bytes > MAX_REQUEST) {
      yield slice;
      slice = [];
      bytes = 0;
    }
    slice.push(operation);
    bytes += operation.bytes;
  }
  if (slice.length > 0) yield slice;
}

type Answer = Pick<estypes.BulkResponseItem, 'status' | 'error'>;

/** A request that is too large for the server, or for a proxy in front of it, is sent in halves. */
async function send(ask: Ask, index: ElasticsearchIndex, slice: readonly Operation[]): Promise<readonly Answer[]> {
  try {
    return await sendOnce(ask, index, slice);
  } catch (error) {
    const refusal = elasticsearchRefusalOf(error);
    if (refusal?.status !== 413) throw error;
    if (slice.length === 1) return [{ status: 400, error: { type: refusal.type, reason: 'it is too large' } }];
    const middle = slice.length >> 1;
    const first = await send(ask, index, slice.slice(0, middle));
    return [...first, ...(await send(ask, index, slice.slice(middle)))];
  }
}

async function sendOnce(ask: Ask, index: ElasticsearchIndex, slice: readonly Operation[]): Promise<readonly Answer[]> {
  const operations = slice.flatMap(({ action, body }) => (body === undefined ? [action] : [action, body]));
  const bytes = slice.reduce((sum, operation) => sum + operation.bytes, 0);
  const { items } = await ask(bytes, (client, options) =>
    client.bulk(
      {
        index: writeAliasOf(index.name),
        require_alias: true,
        operations,
        // For shards that are on no node now; it says so then, before nobody waits any more.
        timeout: '3s',
        filter_path: REASONS,
      },
      options,
    ),
  );
  if (items.length !== slice.length)
    throw new TenfoldError(
      'store-unavailable',
      `Elasticsearch has answered for ${items.length} of ${counted(slice.length, 'document')}.`,
    );
  return items.map(item => {
    const [answer] = Object.values(item);
    if (answer === undefined) throw new TenfoldError('store-unavailable', 'Elasticsearch has answered without words.');
    return answer;
  });
}

/** A refusal: to be sent again. */
function outcomeOf(answer: Answer | undefined): ChangeOutcome | Refusal {
  const status = answer?.status ?? 0;
  if (status >= 200 && status < 300) return { kind: 'written' };
  if (status === 409) return { kind: 'outdated' };
  const error = answer?.error;
  const type = error?.type ?? '';
  const reasons = [error?.reason, error?.caused_by?.reason, error?.caused_by?.caused_by?.reason];
  const reason = reasons.filter(part => typeof part === 'string').join(': ') || `status ${status}`;
  // A deletion of what is not there.
  if (status === 404 && type === '') return { kind: 'written' };
  if (type === 'strict_dynamic_mapping_exception') throw new OutOfDate(reason);
  if (status === 400) return { kind: 'refused', reason };
  if (isPassingStatus(status)) return { status, type, reason };
  throw toRefusalError({ status, type, reason });
}

function givenUp(count: number, { status, reason }: Refusal, anyDone: boolean): TenfoldError {
  const what = `Elasticsearch did not take ${count} of the documents, again and again (${status}): ${reason}`;
  return new TenfoldError(status === 429 && !anyDone ? 'overloaded' : 'store-unavailable', what);
}

// The cache of one namespace as a target: reads and writes with conditions, turns
// at making a value, purges.
import { TenfoldError } from '../../core/errors.ts';
import type { FairShare } from '../../core/fair-share.ts';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { CACHE_HEADER, LEASE_HEADER } from '../../core/wire.ts';
import { sleep } from '../../core/world.ts';
import type { IntakeShare } from '../exchange/intake.ts';
import { readCallBody } from '../exchange/read-call-body.ts';
import type { Call, Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import type { CacheCounter } from './cache-counts.ts';
import type { CacheEndpointOptions } from './cache-endpoint-options.ts';
import type { CacheValue } from './cache-entry.ts';
import { DEFAULT_LEASE_MS, MAX_VALUE } from './cache-limits.ts';
import {
  badCacheRequest,
  readEtags,
  readLease,
  readQuestion,
  readTags,
  readTimes,
  readType,
  readWaitTime,
} from './cache-question.ts';
import { type CachedValues, createCachedValues, type Turn, type WriteCondition } from './cached-values.ts';

export interface CacheTargetOptions extends CacheEndpointOptions {
  readonly counts: CacheCounter;
  /**
   * For requests that wait. Namespaces share them, so that one that makes a value slowly
   * leaves room for the others.
   */
  readonly places: FairShare;
  readonly namespace: string;
}

interface Site extends Omit<CacheTargetOptions, 'intake'> {
  readonly intake: IntakeShare;
  readonly values: CachedValues;
}

const LOOKS = { base: 10, max: 250 };
/** Time that is left of the call for its answer. */
const SPARE_MS = 100;
const EMPTY = Buffer.alloc(0);

export function createCacheTarget(options: CacheTargetOptions): Target {
  const { world, store, namespace } = options;
  const site: Site = {
    ...options,
    intake: options.intake.of(`cache ${namespace}`),
    values: createCachedValues(world, store, namespace),
  };
  return {
    label: 'cache',
    send(call) {
      receive(site, call).catch(error => call.fail(error));
    },
  };
}

async function receive(site: Site, call: Call): Promise<void> {
  const known = ASKED[call.method];
  if (known === undefined) return refuseMethod(call, ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']);
  const { key, params } = readQuestion(call.path, known);
  if (key === undefined) {
    if (call.method === 'DELETE') return purge(site, call, params);
    throw badCacheRequest('A key is missing: /cache/{key}. Without one there is DELETE /cache?tag=… to purge.');
  }
  switch (call.method) {
    case 'PUT':
      return put(site, call, key, params);
    case 'POST':
      return take(site, call, key, params);
    case 'DELETE':
      return remove(site, call, key, params);
    default:
      return get(site, call, key);
  }
}

const ASKED: Readonly<Record<string, readonly string[]>> = {
  GET: [],
  HEAD: [],
  PUT: ['ttl', 'stale', 'tag', 'lease'],
  POST: ['lease', 'wait', 'tag'],
  DELETE: ['lease', 'tag'],
};

async function get({ values, counts, namespace }: Site, call: Call, key: string): Promise<void> {
  const value = await values.get(key);
  counts.count(namespace, value === undefined ? 'miss' : 'hit');
  if (value === undefined) throw new TenfoldError('not-found', 'The cache holds nothing under this key.');
  const etags = readEtags(call.headers, 'if-none-match');
  if (etags && (etags.includes('*') || etags.includes(value.etag)))
    return answerCall(call, 304, ['etag', `"${value.etag}"`], EMPTY);
  answerValue(call, 200, value, ['hit']);
}

async function put(site: Site, call: Call, key: string, params: URLSearchParams): Promise<void> {
  const { values, counts, namespace } = site;
  const times = readTimes(params, call.headers);
  const tags = readTags(params);
  const condition = readCondition(call.headers, params.get('lease'));
  if (typeof condition === 'object' && 'lease' in condition && tags.length > 0)
    throw badCacheRequest('Tags are named when a lease is taken, not when it is filled.');
  const type = readType(call.headers);
  const by = readIdempotencyKey(call.headers);
  const held = await readCallBody(call, MAX_VALUE, site.intake);
  try {
    const etag = await values.put(key, { bytes: held.bytes, type, ...times, tags, by }, condition);
    counts.count(namespace, etag === undefined ? 'refused' : 'set');
    if (etag === undefined) throw refused(condition);
    answerCall(call, 204, ['etag', `"${etag}"`], EMPTY);
  } finally {
    held.release();
  }
}

async function take(site: Site, call: Call, key: string, params: URLSearchParams): Promise<void> {
  const { counts, namespace } = site;
  const lease = { ttlMs: readLease(params) ?? DEFAULT_LEASE_MS, tags: readTags(params) };
  const waitMs = Math.min(readWaitTime(params), call.remainingMs - SPARE_MS);
  const turn = await waitForTurn(site, call, () => site.values.take(key, lease), waitMs);
  if (call.ended) {
    // The lease will not be filled, so the next caller need not wait for its end.
    if (turn.kind === 'lease') await site.values.release(key, turn.token);
    return;
  }
  if (turn.kind === 'hit') {
    counts.count(namespace, 'hit');
    return answerValue(call, 200, turn.value, ['hit']);
  }
  counts.count(namespace, turn.kind === 'lease' ? 'lease' : turn.stale ? 'stale' : 'busy');
  if (turn.kind === 'lease') {
    const token = [LEASE_HEADER, turn.token];
    if (turn.stale) return answerValue(call, 201, turn.stale, ['stale', ...token]);
    return answerCall(call, 201, [CACHE_HEADER, 'miss', ...token], EMPTY);
  }
  if (turn.stale) return answerValue(call, 200, turn.stale, ['stale']);
  throw new TenfoldError('in-progress', 'The value is being made by another caller, and is not there yet.', {
    retryAfterSeconds: 1,
  });
}

/**
 * Asks again and again until the value is there or it is the caller's turn, at most for `waitMs`.
 */
async function waitForTurn(
  { world, counts, places, namespace }: Site,
  call: Call,
  ask: () => Promise<Turn>,
  waitMs: number,
): Promise<Turn> {
  const until = world.monotonic() + waitMs;
  let turn = await ask();
  if (turn.kind !== 'busy' || waitMs <= 0 || !places.take(namespace, 1)) return turn;
  counts.waiting++;
  counts.waits++;
  try {
    for (let looks = 1; turn.kind === 'busy'; looks++) {
      const left = until - world.monotonic();
      if (left <= 0 || call.ended) break;
      await sleep(world, Math.min(left, pauseAfter(looks, LOOKS, world.random())), call.signal);
      turn = await ask();
    }
    return turn;
  } finally {
    counts.waiting--;
    places.give(namespace, 1);
  }
}

async function remove(site: Site, call: Call, key: string, params: URLSearchParams): Promise<void> {
  const { values, counts, namespace } = site;
  if (params.has('tag')) throw badCacheRequest('Tags are purged without a key: DELETE /cache?tag=….');
  const token = params.get('lease');
  if (token !== null) {
    await values.release(key, token);
    return answerCall(call, 204, [], EMPTY);
  }
  const etags = readEtags(call.headers, 'if-match');
  const there = await values.delete(key, etags);
  counts.count(namespace, there === undefined ? 'refused' : 'deleted');
  if (there === undefined) throw refused({ etags: etags ?? [] });
  answerCall(call, 204, [CACHE_HEADER, there ? 'deleted' : 'miss'], EMPTY);
}

async function purge({ values, counts, namespace }: Site, call: Call, params: URLSearchParams): Promise<void> {
  const tags = readTags(params);
  if (tags.length === 0) throw badCacheRequest('What to purge is missing: DELETE /cache?tag=….');
  await values.purge(tags);
  counts.count(namespace, 'purged');
  answerCall(call, 204, [], EMPTY);
}

function readCondition(fields: readonly string[], lease: string | null): WriteCondition {
  const etags = readEtags(fields, 'if-match');
  const not = readEtags(fields, 'if-none-match');
  if ([etags, not, lease ?? undefined].filter(each => each !== undefined).length > 1)
    throw badCacheRequest('One condition is taken: If-Match, If-None-Match or a lease.');
  if (lease !== null) return { lease };
  if (etags) return { etags };
  if (not === undefined) return 'always';
  if (not.includes('*')) return 'absent';
  throw badCacheRequest('With PUT, If-None-Match is taken as * only: write when there is nothing.');
}

function readIdempotencyKey(fields: readonly string[]): string | undefined {
  const key = fieldOf(fields, 'idempotency-key');
  if (key === undefined || key.length <= 255) return key;
  throw badCacheRequest('An Idempotency-Key has at most 255 characters.');
}

function refused(condition: WriteCondition): TenfoldError {
  const why =
    condition === 'absent'
      ? 'There is a value under this key already.'
      : typeof condition === 'object' && 'lease' in condition
        ? 'The lease is lost: the key was written, deleted or taken by another caller since.'
        : 'The value under this key is another one now.';
  return new TenfoldError('precondition-failed', why);
}

function answerValue(
  call: Call,
  status: number,
  { bytes, type, etag }: CacheValue,
  [how = '', ...more]: readonly string[],
): void {
  answerCall(call, status, ['content-type', type, 'etag', `"${etag}"`, CACHE_HEADER, how, ...more], bytes);
}

// Reads what a request at the cache endpoint asks for: its key, times, tags and
// conditions, each within its bound.
import { TenfoldError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units/duration.ts';
import { fieldOf } from '../http/fields.ts';
import { MAX_KEY, MAX_LEASE_MS, MAX_TAG, MAX_TAGS, MAX_TTL_MS, MAX_TYPE, MAX_WAIT_MS } from './cache-limits.ts';

export interface CacheQuestion {
  /** Undefined for the cache itself. */
  readonly key: string | undefined;
  readonly params: URLSearchParams;
}

/** `path`: as the target sees it, `/menu%2Fv60?ttl=30s`. */
export function readQuestion(path: string, known: readonly string[]): CacheQuestion {
  const mark = path.indexOf('?');
  const params = new URLSearchParams(mark === -1 ? '' : path.slice(mark));
  for (const name of params.keys()) {
    if (known.includes(name)) {
      if (name !== 'tag' && params.getAll(name).length > 1) throw badCacheRequest(`"${name}" is there twice.`);
      continue;
    }
    throw badCacheRequest(
      `"${name}" is not asked for here; ${known.length === 0 ? 'nothing is' : `${known.join(', ')} may be`}.`,
    );
  }
  const key = decodeURIComponent(path.slice(1, mark === -1 ? undefined : mark));
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY) throw badCacheRequest(`A key has at most ${MAX_KEY} bytes; this one has ${bytes}.`);
  return { key: key === '' ? undefined : key, params };
}

/**
 * How long a value is served, and how long it may stand in after that: `?ttl=30s&stale=1h`, or
 * as Cache-Control says it.
 */
export function readTimes(
  params: URLSearchParams,
  fields: readonly string[],
): { readonly ttlMs: number; readonly staleMs: number } {
  const control = fieldOf(fields, 'cache-control');
  const ttlMs = readDuration(params, 'ttl', 1, MAX_TTL_MS) ?? readSeconds(control, 'max-age', 1);
  if (ttlMs === undefined)
    throw badCacheRequest('How long the value is kept is missing: ?ttl=30s, or the header Cache-Control: max-age=30.');
  const staleMs = readDuration(params, 'stale', 0, MAX_TTL_MS) ?? readSeconds(control, 'stale-if-error', 0) ?? 0;
  return { ttlMs, staleMs };
}

export function readLease(params: URLSearchParams): number | undefined {
  return readDuration(params, 'lease', 100, MAX_LEASE_MS);
}

export function readWaitTime(params: URLSearchParams): number {
  return readDuration(params, 'wait', 0, MAX_WAIT_MS) ?? 0;
}

export function readTags(params: URLSearchParams): readonly string[] {
  const tags = [...new Set(params.getAll('tag'))];
  if (tags.length > MAX_TAGS) throw badCacheRequest(`At most ${MAX_TAGS} tags are taken; these are ${tags.length}.`);
  for (const tag of tags) {
    const bytes = Buffer.byteLength(tag);
    if (bytes < 1 || bytes > MAX_TAG) throw badCacheRequest(`A tag has from 1 to ${MAX_TAG} bytes; one has ${bytes}.`);
    if (!tag.isWellFormed()) throw badCacheRequest('A tag is not well-formed Unicode.');
  }
  return tags;
}

export function readType(fields: readonly string[]): string {
  const type = fieldOf(fields, 'content-type') ?? 'application/octet-stream';
  if (type.length <= MAX_TYPE) return type;
  throw badCacheRequest(`A Content-Type has at most ${MAX_TYPE} characters.`);
}

/**
 * Entity tags of If-Match or If-None-Match, without quotes; `*` for any.
 * Undefined without the field.
 */
export function readEtags(fields: readonly string[], name: 'if-match' | 'if-none-match'): string[] | undefined {
  const text = fieldOf(fields, name)?.trim();
  if (text === undefined) return undefined;
  if (text === '*') return ['*'];
  if (!/^(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*"){0,15}$/.test(text))
    throw badCacheRequest(`${name} is * or entity tags in quotes with commas between, at most 16.`);
  // Our tags are strong; a weak one equals none (RFC 9110 §8.8.3.2), except where nothing
  // but reading depends on it.
  const weak = name === 'if-none-match' ? '(?:W/)?' : '(?<!W/)';
  return [...text.matchAll(new RegExp(`${weak}"([^"]*)"`, 'g'))].map(([, tag]) => tag ?? '');
}

function readDuration(params: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) throw badCacheRequest(`"${name}" is a time such as 500ms, 30s or 2h.`);
  return within(name, ms, least, most);
}

function readSeconds(control: string | undefined, name: string, least: number): number | undefined {
  const seconds = new RegExp(`(?:^|[,\\s])${name}="?([0-9]{1,10})"?(?:$|[,\\s])`, 'i').exec(control ?? '')?.[1];
  return seconds === undefined ? undefined : within(name, Number(seconds) * 1000, least, MAX_TTL_MS);
}

function within(name: string, ms: number, least: number, most: number): number {
  if (ms >= least && ms <= most) return ms;
  throw badCacheRequest(`"${name}" is ${ms} ms; it may be from ${least} ms to ${most} ms.`);
}

export function badCacheRequest(message: string): TenfoldError {
  return new TenfoldError('bad-request', message);
}

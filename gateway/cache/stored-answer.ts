// One answer in the cache, and the head that it is given with.
import { createHash } from 'node:crypto';
import type { Freshness } from './cache-control.ts';
import type { Validators } from './conditional.ts';

/** Origin of a cached answer, by which a purge finds it again. */
export interface CacheOwner {
  readonly namespace: string;
  /** Name of the Api. */
  readonly name: string;
  /** Pattern of the route, e.g. `/shop/menu/:id`. */
  readonly route: string;
}

export interface StoredAnswer extends Validators {
  readonly owner: CacheOwner;
  /** As clients name it, without the query. */
  readonly path: string;
  readonly status: number;
  /** Name and value in turn, with Content-Length, without Age. */
  readonly fields: readonly string[];
  /**
   * Small bodies as text of one character a byte: node:http then sends head and body in one piece,
   * which saves a tenth of the time.
   */
  readonly body: Buffer | string;
  readonly tags: ReadonlySet<string>;
  readonly freshness: Freshness;
  /** When it was made, by the monotonic clock, milliseconds. */
  readonly bornAt: number;
  /** Approximate size in memory. */
  readonly bytes: number;
  /** Its head as of `headSecond`, seconds of age: made once a second, not once a request. */
  head: readonly string[];
  headSecond: number;
  /** When it was last moved to the end of those to be forgotten. */
  usedAt: number;
  /** Not before this it is fetched anew in the background. */
  refreshAt: number;
}

/** Bytes that an entry takes besides body and fields. */
const OVERHEAD_BYTES = 1024;

/** Copying a longer text costs more than a second piece does. */
const MAX_TEXT_BYTES = 16_384;

export interface AnswerInit {
  readonly owner: CacheOwner;
  readonly path: string;
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: Buffer;
  readonly freshness: Freshness;
  readonly now: number;
}

export function createStoredAnswer({ owner, path, status, fields, body, freshness, now }: AnswerInit): StoredAnswer {
  const kept: string[] = [];
  const tags = new Set<string>();
  let etag: string | undefined;
  let lastModified: string | undefined;
  let bytes = OVERHEAD_BYTES + body.length;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    switch (name.toLowerCase()) {
      case 'age':
      case 'content-length':
        continue;
      case 'etag':
        etag = value;
        break;
      case 'last-modified':
        lastModified = value;
        break;
      case 'cache-tag':
      case 'surrogate-key':
        for (const tag of value.split(/[\s,]+/)) if (tag !== '') tags.add(tag);
        break;
    }
    kept.push(name, value);
    bytes += 2 * (name.length + value.length);
  }
  if (etag === undefined && status === 200) {
    etag = `"${createHash('sha1').update(body).digest('base64url')}"`;
    kept.push('etag', etag);
  }
  kept.push('content-length', String(body.length));
  return {
    owner,
    path,
    status,
    fields: kept,
    body: body.length <= MAX_TEXT_BYTES ? body.toString('latin1') : body,
    tags,
    etag,
    lastModified,
    freshness,
    bornAt: now - freshness.ageMs,
    bytes,
    head: [],
    headSecond: -1,
    usedAt: now,
    refreshAt: 0,
  };
}

/**
 * Its fields with Age and Cache-Status (RFC 9211); a negative ttl says for
 * how long it has been stale.
 */
export function headOf(answer: StoredAnswer, now: number): readonly string[] {
  const second = Math.floor((now - answer.bornAt) / 1000);
  if (second === answer.headSecond) return answer.head;
  const ttl = Math.floor(answer.freshness.ttlMs / 1000) - second;
  answer.head = [...answer.fields, 'age', String(second), 'cache-status', `tenfold; hit; ttl=${ttl}`];
  answer.headSecond = second;
  return answer.head;
}

// Fetches an answer for all clients that ask for the same, and stores it on its way to the first of
// them.
import type { Exchange } from '../exchange/exchange.ts';
import type { ResponseFilter, ResponseHead } from '../exchange/response-filter.ts';
import { type CacheSettings, type Freshness, freshnessOf } from './cache-control.ts';
import type { CacheStore } from './cache-store.ts';
import { isUnchanged, unchangedFields } from './conditional.ts';
import { type CacheOwner, createStoredAnswer } from './stored-answer.ts';
import { whenRead } from './when-read.ts';

export interface FetchInit {
  readonly store: CacheStore;
  readonly settings: CacheSettings;
  readonly owner: CacheOwner;
  readonly primary: string;
  /** All that the target may know of the request. */
  readonly forwarded: string[];
  /** Why it is fetched, for Cache-Status (RFC 9211 §2.2). */
  readonly reason: 'uri-miss' | 'stale';
  /** Answers with a status that is 5xx do not take the place of a kept one. */
  readonly apart: boolean;
  /**
   * Called once: `kept` when the answer can be had from the store now,
   * `refused` when it may not be kept.
   */
  done(outcome: 'kept' | 'refused' | 'failed'): void;
}

/** Larger answers are not kept. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Prepares `exchange`, whose request is about to be sent on. */
export function fetchOnce(exchange: Exchange, init: FetchInit): void {
  exchange.request.narrow(init.forwarded);
  exchange.response.addFilter(new StoringFilter(exchange, init));
}

interface Taken {
  readonly status: number;
  readonly fields: readonly string[];
  readonly freshness: Freshness;
  readonly chunks: Buffer[];
  size: number;
}

/** A class, as there is one for every fetch: stores the answer on its way to the client. */
class StoringFilter implements ResponseFilter {
  readonly #exchange: Exchange;
  readonly #init: FetchInit;
  /** The epoch of the store when the fetch began. */
  readonly #epoch: number;
  /** Undefined while nothing is to be stored. */
  #taken: Taken | undefined;
  #over = false;
  /** Bytes of the store's room that it holds. */
  #held = 0;

  constructor(exchange: Exchange, init: FetchInit) {
    this.#exchange = exchange;
    this.#init = init;
    this.#epoch = init.store.epoch;
  }

  prepareHead(head: ResponseHead): undefined {
    const { settings, apart, reason } = this.#init;
    const stored = { status: head.status, fields: head.fields, apart };
    const freshness = freshnessOf(stored, settings, this.#exchange.world.now());
    const tooLarge = lengthOf(head.fields) > MAX_BODY_BYTES;
    if (freshness && !tooLarge) {
      this.#taken = { status: head.status, fields: [...head.fields], freshness, chunks: [], size: 0 };
      answerUnchanged(head, this.#exchange.request.head.fields);
    } else {
      // Other requests need not wait for an answer that they cannot get.
      this.#done(head.status >= 500 ? 'failed' : 'refused');
    }
    const status = `tenfold; fwd=${reason}; fwd-status=${head.status}`;
    head.fields.push('cache-status', this.#taken ? `${status}; stored` : status);
  }

  onData(chunk: Buffer): void {
    const taken = this.#taken;
    if (!taken) return;
    taken.size += chunk.length;
    if (taken.size > MAX_BODY_BYTES) {
      this.#taken = undefined;
      this.#done('refused');
    } else if (!this.#init.store.takeRoom(chunk.length)) {
      this.#taken = undefined;
      this.#done('failed');
    } else {
      this.#held += chunk.length;
      taken.chunks.push(chunk);
    }
  }

  readsAhead(): boolean {
    return this.#taken !== undefined;
  }

  onEnd(): void {
    this.#release();
    if (!this.#taken) {
      this.#done('failed');
      return;
    }
    const { status, fields, freshness, chunks, size } = this.#taken;
    const { store, owner, primary, forwarded } = this.#init;
    const answer = createStoredAnswer({
      owner,
      path: this.#exchange.request.head.path,
      status,
      fields,
      body: Buffer.concat(chunks, size),
      freshness,
      now: this.#exchange.world.monotonic(),
    });
    // It is that of what the target was told, which may be less than the client said.
    this.#done(store.put(primary, forwarded, answer, this.#epoch) ? 'kept' : 'failed');
  }

  onFailure(): void {
    this.#release();
    this.#done('failed');
  }

  #done(outcome: 'kept' | 'refused' | 'failed'): void {
    if (this.#over) return;
    this.#over = true;
    this.#init.done(outcome);
  }

  /** The part that a slow client has not read yet is still held, though the answer is whole. */
  #release(): void {
    const { world, response, remainingMs } = this.#exchange;
    whenRead(world, response.message, remainingMs, () => this.#init.store.giveRoom(this.#held));
  }
}

/**
 * The client asked whether it has the answer already, and it has: it gets no body; the cache does.
 */
function answerUnchanged(head: ResponseHead, demanded: readonly string[]): void {
  if (head.status !== 200) return;
  const fieldNamed = (name: string) => {
    for (let index = 0; index < head.fields.length; index += 2) {
      if (head.fields[index]?.toLowerCase() === name) return head.fields[index + 1];
    }
    return undefined;
  };
  if (!isUnchanged(demanded, { etag: fieldNamed('etag'), lastModified: fieldNamed('last-modified') })) return;
  head.status = 304;
  head.fields = unchangedFields(head.fields);
}

function lengthOf(fields: readonly string[]): number {
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() === 'content-length') return Number(fields[index + 1]);
  }
  return 0;
}

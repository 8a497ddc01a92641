// Fetches an answer for all clients that ask for the same, and stores it on its way to the first of
// them.
import type { Exchange } from '../exchange/exchange.ts';
import type { ResponseHead } from '../exchange/response-writer.ts';
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
  /** Called once: `kept` when the answer can be had from the store now, `refused` when it may not be kept. */
  done(outcome: 'kept' | 'refused' | 'failed'): void;
}

/** Larger answers are not kept. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** Prepares `exchange`, whose request is about to be sent on. */
export function fetchOnce(exchange: Exchange, init: FetchInit): void {
  const { store, settings, owner, primary } = init;
  const { epoch } = store;
  const { fields: demanded, path } = exchange.head;
  exchange.headers = init.forwarded;
  exchange.views.narrow(init.forwarded);
  let taken: Taken | undefined;
  let over = false;
  let held = 0;
  const done = (outcome: 'kept' | 'refused' | 'failed') => {
    if (over) return;
    over = true;
    init.done(outcome);
  };

  /** The part that a slow client has not read yet is still held, though the answer is whole. */
  const release = () => whenRead(exchange.world, exchange.response, exchange.remainingMs, () => store.giveRoom(held));

  exchange.prepareHead(head => {
    const stored = { status: head.status, fields: head.fields, apart: init.apart };
    const freshness = freshnessOf(stored, settings, exchange.world.now());
    const tooLarge = lengthOf(head.fields) > MAX_BODY_BYTES;
    if (freshness && !tooLarge) {
      taken = { status: head.status, fields: [...head.fields], freshness, chunks: [], size: 0 };
      answerUnchanged(head, demanded);
    } else {
      // Other requests need not wait for an answer that they cannot get.
      done(head.status >= 500 ? 'failed' : 'refused');
    }
    const status = `tenfold; fwd=${init.reason}; fwd-status=${head.status}`;
    head.fields.push('cache-status', taken ? `${status}; stored` : status);
  });
  exchange.observe({
    onData(chunk) {
      if (!taken) return;
      taken.size += chunk.length;
      if (taken.size > MAX_BODY_BYTES) {
        taken = undefined;
        done('refused');
      } else if (!store.takeRoom(chunk.length)) {
        taken = undefined;
        done('failed');
      } else {
        held += chunk.length;
        taken.chunks.push(chunk);
      }
    },
    readsAhead: () => taken !== undefined,
    onEnd() {
      release();
      if (!taken) return done('failed');
      const { status, fields, freshness, chunks, size } = taken;
      const body = Buffer.concat(chunks, size);
      const answer = createStoredAnswer({
        owner,
        path,
        status,
        fields,
        body,
        freshness,
        now: exchange.world.monotonic(),
      });
      // It is that of what the target was told, which may be less than the client said.
      done(store.put(primary, init.forwarded, answer, epoch) ? 'kept' : 'failed');
    },
    onFailure() {
      release();
      done('failed');
    },
  });
}

interface Taken {
  readonly status: number;
  readonly fields: readonly string[];
  readonly freshness: Freshness;
  readonly chunks: Buffer[];
  size: number;
}

/** The client asked whether it has the answer already, and it has: it gets no body; the cache does. */
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

// Calls to Elasticsearch: bounded in time and bytes, repeated where that does no harm; a change of state is logged once.
import type { Client, TransportRequestOptions } from '@elastic/elasticsearch';
import { TenfoldError } from '../../../core/errors.ts';
import { again } from '../../../core/retry/again.ts';
import { sleep, type World } from '../../../core/world.ts';
import { createElasticsearchClient, type ElasticsearchConnection } from './connection-options.ts';
import { isPassing, toSearchError } from './es-error.ts';

export interface ElasticsearchLinkOptions {
  readonly world: World;
  readonly connection: ElasticsearchConnection;
  /**
   * The longest time of a whole call with its repeats, and three times that for writes. A call that
   * takes longer rejects with `store-unavailable`.
   */
  readonly requestTimeoutMs: number;
  /** Bytes of requests that are not answered yet; beyond it calls fail with `overloaded`, at once. */
  readonly maxPendingBytes: number;
  /** Beyond it a call fails with `body-too-large`: a page of large documents is narrowed by its `limit`. */
  readonly maxAnswerBytes: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

export type Send<T> = (client: Client, options: TransportRequestOptions) => Promise<T>;

export type Ask = <T>(bytes: number, send: Send<T>) => Promise<T>;

export interface ElasticsearchLink {
  /** `bytes`: about how many `send` sends. It may be called more than once. `limitMs`: shorter than that of other calls. */
  ask<T>(bytes: number, send: Send<T>, limitMs?: number): Promise<T>;
  /** Several calls under one time limit, that of writes; each of them is counted and repeated as by `ask`. */
  within<T>(work: (ask: Ask, pause: (ms: number) => Promise<void>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const ATTEMPTS = 4;
const PAUSES = { base: 75, max: 400 };
const OVERHEAD = 1024;
/** The client's own limit comes first, as after that it turns to other nodes for a while. */
const GRACE_MS = 250;
/** A thousand large documents take longer than a question, and who wrote them has nothing better to do than to wait. */
const WRITES_LAST = 3;
const GREETINGS = { base: 250, max: 10_000 };

/** Does not wait for anybody to answer; that is looked after, and logged, from here on. */
export async function openElasticsearchLink(options: ElasticsearchLinkOptions): Promise<ElasticsearchLink> {
  const { world, connection, requestTimeoutMs, maxPendingBytes, log } = options;
  const client = await createElasticsearchClient(connection, options.maxAnswerBytes);
  const where = connection.nodes.map(node => new URL(node).host).join(', ');
  const closing = new AbortController();
  const pending = new Set<Promise<unknown>>();
  let bytes = 0;
  let state: 'unknown' | 'up' | 'down' = 'unknown';

  const isUp = () => {
    if (state !== 'up') log('info', `Elasticsearch at ${where} answers${state === 'down' ? ' again' : ''}.`);
    state = 'up';
  };
  const isDown = (error: Error) => {
    const isAway = error instanceof TenfoldError && error.code === 'store-unavailable';
    if (!isAway || state === 'down' || closing.signal.aborted) return;
    log('warn', `Elasticsearch at ${where} cannot be used; this is tried again and again. ${error.message}`);
    state = 'down';
  };

  async function repeated<T>(send: Send<T>, deadline: number, signal: AbortSignal): Promise<T> {
    const step = async () => {
      const left = Math.max(1, Math.ceil(deadline - world.monotonic()));
      const answer = await send(client, { signal, requestTimeout: left });
      isUp();
      return answer;
    };
    const failed = (error: unknown, failures: number) => {
      if (failures === ATTEMPTS || !isPassing(error)) throw error;
    };
    return again(step, { ...PAUSES, failed }, { world, signal });
  }

  async function counted<T>(size: number, work: () => Promise<T>): Promise<T> {
    const cost = size + OVERHEAD;
    if (bytes > 0 && bytes + cost > maxPendingBytes)
      throw new TenfoldError(
        'overloaded',
        `${bytes} bytes are on their way to Elasticsearch already; ${maxPendingBytes} may be.`,
      );
    bytes += cost;
    try {
      return await work();
    } finally {
      bytes -= cost;
    }
  }

  async function bounded<T>(limitMs: number, work: (deadline: number, signal: AbortSignal) => Promise<T>): Promise<T> {
    if (closing.signal.aborted) throw new TenfoldError('store-unavailable', 'The search index is closed.');
    const late = new AbortController();
    const timer = world.after(limitMs + GRACE_MS, () =>
      late.abort(new TenfoldError('store-unavailable', `Elasticsearch has not answered within ${limitMs} ms.`)),
    );
    const working = work(world.monotonic() + limitMs, late.signal);
    pending.add(working);
    try {
      return await working;
    } catch (error) {
      const told = toSearchError(late.signal.aborted ? late.signal.reason : error);
      isDown(told);
      throw told;
    } finally {
      timer.cancel();
      pending.delete(working);
    }
  }

  const greeting = greet();
  return {
    ask: (size, send, limitMs = requestTimeoutMs) =>
      bounded(limitMs, (deadline, signal) => counted(size, () => repeated(send, deadline, signal))),
    within: work =>
      bounded(requestTimeoutMs * WRITES_LAST, (deadline, signal) =>
        work(
          (size, send) => counted(size, () => repeated(send, deadline, signal)),
          ms => sleep(world, ms, signal),
        ),
      ),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new TenfoldError('store-unavailable', 'The search index is closed.'));
      await Promise.allSettled([...pending, greeting]);
      await client.close();
    },
  };

  /** Until somebody has answered once. */
  async function greet(): Promise<void> {
    const { signal } = closing;
    const ask = () => client.cluster.health({ timeout: '1s' }, { signal, requestTimeout: requestTimeoutMs });
    const failed = (error: unknown) => isDown(toSearchError(error));
    await again(ask, { ...GREETINGS, failed }, { world, signal }).then(isUp, () => undefined);
  }
}

// Calls to Elasticsearch: bounded in time and bytes, repeated where that does no harm; a
// change of state is logged once.
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
  /**
   * Bytes of requests that are not answered yet; beyond it calls fail with `overloaded`, at once.
   */
  readonly maxPendingBytes: number;
  /**
   * Beyond it a call fails with `body-too-large`: a page of large documents
   * is narrowed by its `limit`.
   */
  readonly maxAnswerBytes: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

export type Send<T> = (client: Client, options: TransportRequestOptions) => Promise<T>;

export type Ask = <T>(bytes: number, send: Send<T>) => Promise<T>;

export interface ElasticsearchLink {
  /**
   * `bytes`: about how many `send` sends. It may be called more than once. `limitMs`: shorter
   * than that of other calls.
   */
  ask<T>(bytes: number, send: Send<T>, limitMs?: number): Promise<T>;
  /**
   * Several calls under one time limit, that of writes; each of them is counted
   * and repeated as by `ask`.
   */
  within<T>(work: (ask: Ask, pause: (ms: number) => Promise<void>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const ATTEMPTS = 4;
const PAUSES = { base: 75, max: 400 };
const OVERHEAD = 1024;
/** The client's own limit comes first, as after that it turns to other nodes for a while. */
const GRACE_MS = 250;
/**
 * A thousand large documents take longer than a question, and who wrote them has nothing
 * better to do than to wait.
 */
const WRITES_LAST = 3;
const GREETINGS = { base: 250, max: 10_000 };

/** Does not wait for anybody to answer; that is looked after, and logged, from here on. */
export async function openElasticsearchLink(options: ElasticsearchLinkOptions): Promise<ElasticsearchLink> {
  const { connection, maxAnswerBytes } = options;
  return new BoundedLink(await createElasticsearchClient(connection, maxAnswerBytes), options);
}

class BoundedLink implements ElasticsearchLink {
  readonly #client: Client;
  readonly #options: ElasticsearchLinkOptions;
  readonly #reachability: Reachability;
  readonly #closing = new AbortController();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #greeting: Promise<void>;
  /** The sizes of the requests that are not answered yet, added up. */
  #bytes = 0;

  constructor(client: Client, options: ElasticsearchLinkOptions) {
    this.#client = client;
    this.#options = options;
    this.#reachability = new Reachability(options);
    this.#greeting = this.#greet();
  }

  ask<T>(bytes: number, send: Send<T>, limitMs = this.#options.requestTimeoutMs): Promise<T> {
    return this.#bounded(limitMs, (deadline, signal) =>
      this.#counted(bytes, () => this.#repeated(send, deadline, signal)),
    );
  }

  within<T>(work: (ask: Ask, pause: (ms: number) => Promise<void>) => Promise<T>): Promise<T> {
    return this.#bounded(this.#options.requestTimeoutMs * WRITES_LAST, (deadline, signal) =>
      work(
        (bytes, send) => this.#counted(bytes, () => this.#repeated(send, deadline, signal)),
        ms => sleep(this.#options.world, ms, signal),
      ),
    );
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new TenfoldError('store-unavailable', 'The search index is closed.'));
    await Promise.allSettled([...this.#pending, this.#greeting]);
    await this.#client.close();
  }

  async #bounded<T>(limitMs: number, work: (deadline: number, signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw new TenfoldError('store-unavailable', 'The search index is closed.');
    const { world } = this.#options;
    const late = new AbortController();
    const timer = world.after(limitMs + GRACE_MS, () =>
      late.abort(new TenfoldError('store-unavailable', `Elasticsearch has not answered within ${limitMs} ms.`)),
    );
    const working = work(world.monotonic() + limitMs, late.signal);
    this.#pending.add(working);
    try {
      return await working;
    } catch (error) {
      const told = toSearchError(late.signal.aborted ? late.signal.reason : error);
      this.#isDown(told);
      throw told;
    } finally {
      timer.cancel();
      this.#pending.delete(working);
    }
  }

  async #counted<T>(size: number, work: () => Promise<T>): Promise<T> {
    const { maxPendingBytes } = this.#options;
    const cost = size + OVERHEAD;
    if (this.#bytes > 0 && this.#bytes + cost > maxPendingBytes)
      throw new TenfoldError(
        'overloaded',
        `${this.#bytes} bytes are on their way to Elasticsearch already; ${maxPendingBytes} may be.`,
      );
    this.#bytes += cost;
    try {
      return await work();
    } finally {
      this.#bytes -= cost;
    }
  }

  #repeated<T>(send: Send<T>, deadline: number, signal: AbortSignal): Promise<T> {
    const { world } = this.#options;
    const step = async () => {
      const left = Math.max(1, Math.ceil(deadline - world.monotonic()));
      const answer = await send(this.#client, { signal, requestTimeout: left });
      this.#reachability.up();
      return answer;
    };
    const failed = (error: unknown, failures: number) => {
      if (failures === ATTEMPTS || !isPassing(error)) throw error;
    };
    return again(step, { ...PAUSES, failed }, { world, signal });
  }

  /** Until somebody has answered once. */
  async #greet(): Promise<void> {
    const { world, requestTimeoutMs: requestTimeout } = this.#options;
    const { signal } = this.#closing;
    const ask = () => this.#client.cluster.health({ timeout: '1s' }, { signal, requestTimeout });
    const failed = (error: unknown) => this.#isDown(toSearchError(error));
    await again(ask, { ...GREETINGS, failed }, { world, signal }).then(
      () => this.#reachability.up(),
      () => undefined,
    );
  }

  #isDown(error: Error): void {
    const isAway = error instanceof TenfoldError && error.code === 'store-unavailable';
    if (isAway && !this.#closing.signal.aborted) this.#reachability.down(error);
  }
}

/** Whether somebody answers; each change is logged once. */
class Reachability {
  readonly #where: string;
  readonly #log: ElasticsearchLinkOptions['log'];
  #state: 'unknown' | 'up' | 'down' = 'unknown';

  constructor({ connection, log }: ElasticsearchLinkOptions) {
    this.#where = connection.nodes.map(node => new URL(node).host).join(', ');
    this.#log = log;
  }

  up(): void {
    if (this.#state !== 'up')
      this.#log('info', `Elasticsearch at ${this.#where} answers${this.#state === 'down' ? ' again' : ''}.`);
    this.#state = 'up';
  }

  down(error: Error): void {
    if (this.#state === 'down') return;
    this.#log(
      'warn',
      `Elasticsearch at ${this.#where} cannot be used; this is tried again and again. ${error.message}`,
    );
    this.#state = 'down';
  }
}

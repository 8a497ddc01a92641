// The connection to Redis, bounded in bytes and time. It reconnects when Redis does not answer,
// when it leads to the wrong server, or when the client gives it up.
import { ClientOfflineError, type RedisArgument } from '@redis/client';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import {
  type AnyClient,
  AS_BUFFERS,
  createRedisClient,
  endClient,
  type RedisConnection,
} from './connection-options.ts';
import { hasMoved, isUnknownScript, toStoreError } from './redis-error.ts';
import { bytesReply } from './replies.ts';
import type { Script } from './scripts.ts';
import { watchOpening } from './silent-opening.ts';

export interface RedisLinkOptions {
  readonly world: World;
  readonly connection: RedisConnection;
  /** Beyond it a call fails with `store-unavailable`; what came of it is not known. */
  readonly requestTimeoutMs: number;
  /**
   * Bytes of requests that are not answered yet; beyond it calls fail with `overloaded`, at once.
   */
  readonly maxPendingBytes: number;
}

export interface RedisLink {
  readonly clustered: boolean;
  /**
   * One script, one round trip; two when the server does not know it yet. `keys` share a hash tag.
   */
  run(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** The same command to each server that takes writes. */
  onEach(args: readonly RedisArgument[]): Promise<unknown[]>;
  /** Keys that match, of all servers, a handful at a time; a key may come twice. */
  scan(pattern: string): AsyncIterable<readonly Buffer[]>;
  close(): Promise<void>;
}

const AS_BYTES = { typeMapping: AS_BUFFERS };

type Send = (client: AnyClient) => Promise<unknown>;

interface Current {
  readonly any: AnyClient;
  readonly ready: Promise<unknown>;
  end(): void;
}

/** Fails when nobody answers in time. */
export async function openRedisLink(options: RedisLinkOptions): Promise<RedisLink> {
  const link = new ReconnectingLink(options);
  await link.opened();
  return link;
}

class ReconnectingLink implements RedisLink {
  readonly clustered: boolean;
  readonly #options: RedisLinkOptions;
  readonly #pending = new Set<Promise<unknown>>();
  /** Bytes of requests that are not answered yet. */
  #bytes = 0;
  #lastError: unknown;
  #current: Current;
  #renewedAt: number;
  #closed = false;

  constructor(options: RedisLinkOptions) {
    this.clustered = options.connection.mode === 'cluster';
    this.#options = options;
    this.#current = this.#begin();
    this.#renewedAt = options.world.monotonic();
  }

  async opened(): Promise<void> {
    try {
      await this.#bounded(() => this.#current.ready);
    } catch (error) {
      this.#closed = true;
      this.#current.end();
      throw toStoreError(this.#lastError ?? error);
    }
  }

  run(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    const send = (command: string, text: string) =>
      this.#bounded(any => sendTo(any, keys[0] ?? '', [command, text, ...rest]));
    return this.#call(sizeOf(rest), async () => {
      try {
        return await send('EVALSHA', script.sha);
      } catch (error) {
        // Not run: so it may be sent again. The server keeps it from now on, until it
        // is started anew or flushed.
        if (!isUnknownScript(error)) throw error;
        return await send('EVAL', script.source);
      }
    });
  }

  async onEach(args: readonly RedisArgument[]): Promise<unknown[]> {
    const answers = await this.#call(sizeOf(args), () =>
      this.#bounded(async any => await Promise.all((await serversOf(any)).map(send => send(args)))),
    );
    return Array.isArray(answers) ? answers : [];
  }

  async *scan(pattern: string): AsyncIterable<readonly Buffer[]> {
    const servers = await this.#call(0, () => this.#bounded(any => serversOf(any)));
    for (const send of Array.isArray(servers) ? servers : []) {
      let cursor = '0';
      do {
        const reply: unknown = await this.#call(pattern.length, () =>
          this.#bounded(() => send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'])),
        );
        const [next, keys] = Array.isArray(reply) ? reply : [];
        cursor = String(next ?? '0');
        if (Array.isArray(keys) && keys.length > 0) yield keys.map(bytesReply);
      } while (cursor !== '0');
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    this.#current.end();
  }

  #begin(): Current {
    const { world, connection, requestTimeoutMs } = this.#options;
    const any = createRedisClient(world, connection, requestTimeoutMs);
    // Each failed attempt is told here, what comes of it where somebody waits.
    any.client.on('error', error => {
      this.#lastError = error;
    });
    const unwatch = watchOpening(world, any, requestTimeoutMs, () => this.#renew(any));
    const ready = any.client.connect();
    ready.catch(() => {});
    const end = () => {
      unwatch();
      endClient(any);
    };
    return { any, ready, end };
  }

  /**
   * Rejects requests under way on the old one. It renews no more often than a call may take, so
   * that a slow server is not stormed.
   */
  #renew(of: AnyClient): void {
    const { world, requestTimeoutMs } = this.#options;
    const former = this.#current;
    if (this.#closed || of !== former.any || world.monotonic() - this.#renewedAt < requestTimeoutMs) return;
    this.#renewedAt = world.monotonic();
    this.#current = this.#begin();
    former.end();
  }

  async #bounded(send: Send): Promise<unknown> {
    const { world, requestTimeoutMs } = this.#options;
    const { any } = this.#current;
    let timer: { cancel(): void } | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = world.after(requestTimeoutMs, () => {
        this.#renew(any);
        reject(new TenfoldError('store-unavailable', `Redis has not answered within ${requestTimeoutMs} ms.`));
      });
    });
    try {
      return await Promise.race([send(any), late]);
    } catch (error) {
      if (hasMoved(error) || isGivenUp(any)) this.#renew(any);
      throw error;
    } finally {
      timer?.cancel();
    }
  }

  /** Counts it against the budget. */
  async #call(size: number, work: () => Promise<unknown>): Promise<unknown> {
    const { maxPendingBytes } = this.#options;
    if (this.#closed) throw new TenfoldError('store-unavailable', 'The store is closed.');
    if (this.#bytes > 0 && this.#bytes + size > maxPendingBytes)
      throw new TenfoldError(
        'overloaded',
        `${this.#bytes} bytes are on their way to Redis already; ${maxPendingBytes} may be.`,
      );
    this.#bytes += size;
    const working = work();
    this.#pending.add(working);
    try {
      return await working;
    } catch (error) {
      // That there is no connection says nothing of why there is none.
      throw toStoreError(error instanceof ClientOfflineError ? (this.#lastError ?? error) : error);
    } finally {
      this.#bytes -= size;
      this.#pending.delete(working);
    }
  }
}

/**
 * All calls of a client that has given up fail at once and for ever. A client of a cluster or of
 * Sentinels that could not connect closes itself. A client of a cluster waits for all nodes that it
 * knows, also for one that is gone for good.
 */
function isGivenUp({ kind, client }: AnyClient): boolean {
  return !client.isOpen || (kind === 'cluster' && !client.isReady);
}

function sendTo(any: AnyClient, key: string, args: RedisArgument[]): Promise<unknown> {
  switch (any.kind) {
    case 'single':
      return any.client.sendCommand(args, AS_BYTES);
    case 'sentinel':
      return any.client.sendCommand(false, args, AS_BYTES);
    case 'cluster':
      return any.client.sendCommand(key, false, args, AS_BYTES);
  }
}

async function serversOf(any: AnyClient): Promise<((args: readonly RedisArgument[]) => Promise<unknown>)[]> {
  if (any.kind !== 'cluster') return [args => sendTo(any, '', [...args])];
  const nodes = await Promise.all(any.client.masters.map(node => any.client.nodeClient(node)));
  return nodes.map(node => args => node.sendCommand(args, AS_BYTES));
}

function sizeOf(args: readonly RedisArgument[]): number {
  let size = 0;
  for (const arg of args) size += arg.length + 16;
  return size;
}

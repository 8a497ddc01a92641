// The connections to one origin: the one used last is used first, so that in
// quiet times the rest can go.
import type { OnReadOpts, Socket } from 'node:net';
import { TenfoldError } from '../../../core/errors.ts';
import { shortened } from '../../../core/retry/backoff.ts';
import { TransportError } from '../transport-error.ts';
import { type ConnectOptions, type Destination, openSocket } from './connect.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { InFlightExchange } from './in-flight-exchange.ts';
import { Refusals } from './refusals.ts';

export interface PoolOptions extends ConnectOptions {
  readonly connectTimeoutMs: number;
  /** Most connections, used and free. */
  readonly maxConnections: number;
  /** For how long a free one is kept where the other side says nothing, milliseconds. */
  readonly keepMs: number;
  /** The most where it does. */
  readonly maxKeepMs: number;
  /**
   * For how long one is used at least, however busy it is, and at most twice so long, milliseconds.
   */
  readonly useMs: number;
  /** For how long one that is refused is tried again, within its time to connect, milliseconds. */
  readonly refusedMs: number;
  /** Lets what has already arrived on free connections be seen before one of them is taken. */
  defer(pool: Pool, connection: Connection, exchange: InFlightExchange): void;
  /** Monotonic, milliseconds. */
  now(): number;
  /** Buffer into which a new connection reads. */
  readBuffer(): Buffer;
}

/** Most that are kept for later. */
const MAX_FREE = 256;
/** The other side counts from when it sent its answer. */
const MARGIN_MS = 1_000;

interface Attempt {
  /** The exchange for which it was opened; undefined once another connection took it. */
  exchange: InFlightExchange | undefined;
}

/** A class, as it is one object with a lifecycle per origin. */
export class Pool implements ConnectionOwner {
  readonly #destination: Destination;
  readonly #options: PoolOptions;
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  /** Exchanges that wait for a connection that is being opened, in order. */
  readonly #waiting = new Map<InFlightExchange, Attempt>();
  readonly #refusals: Refusals;
  #onEmpty: (() => void) | undefined;

  constructor(destination: Destination, options: PoolOptions) {
    this.#destination = destination;
    this.#options = options;
    this.#refusals = new Refusals(options.now);
  }

  get size(): number {
    return this.#all.size;
  }

  send(exchange: InFlightExchange): void {
    const free = wantsItsOwn(exchange) ? undefined : this.#takeFree();
    if (free) this.#options.defer(this, free, exchange);
    else this.#open(exchange);
  }

  /** The connection was free a moment ago. */
  start(connection: Connection, exchange: InFlightExchange): void {
    if (!connection.usable) this.send(exchange);
    else if (!connection.start(exchange)) this.released(connection, undefined);
  }

  released(connection: Connection, keepAliveSeconds: number | undefined): void {
    const { keepMs, maxKeepMs, now, defer } = this.#options;
    const keep = keepAliveSeconds === undefined ? keepMs : Math.min(keepAliveSeconds * 1000 - MARGIN_MS, maxKeepMs);
    const moment = now();
    if (keep <= 0 || this.#onEmpty || this.#free.length >= MAX_FREE || moment >= connection.endsAt) {
      connection.destroy();
      return;
    }
    connection.freeUntil = Math.min(moment + keep, connection.endsAt);
    for (const [exchange, attempt] of this.#waiting) {
      this.#waiting.delete(exchange);
      attempt.exchange = undefined;
      defer(this, connection, exchange);
      return;
    }
    this.#free.push(connection);
  }

  closed(connection: Connection): void {
    this.#all.delete(connection);
    const index = this.#free.lastIndexOf(connection);
    if (index !== -1) this.#free.splice(index, 1);
    if (this.#all.size === 0) this.#onEmpty?.();
  }

  /** Ends what has been free for too long. */
  sweep(): void {
    const now = this.#options.now();
    for (const connection of this.#free.filter(({ freeUntil }) => freeUntil <= now)) connection.destroy();
  }

  /** Takes connections back no more; resolves once the last one is closed. */
  close(): Promise<void> {
    return new Promise(resolve => {
      this.#onEmpty = resolve;
      for (const connection of [...this.#free]) connection.destroy();
      if (this.#all.size === 0) resolve();
    });
  }

  destroy(): Promise<void> {
    const closed = this.close();
    this.#refusals.end();
    for (const connection of [...this.#all]) connection.destroy();
    return closed;
  }

  #takeFree(): Connection | undefined {
    const now = this.#free.length === 0 ? 0 : this.#options.now();
    for (let connection = this.#free.pop(); connection; connection = this.#free.pop()) {
      // The timer that ends it may be late when the process was busy.
      if (connection.usable && connection.freeUntil > now) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #open(exchange: InFlightExchange): void {
    const { maxConnections, connectTimeoutMs } = this.#options;
    if (this.#onEmpty) {
      exchange.fail(new TransportError('ECONNRESET', 'The transport is closed.'));
      return;
    }
    if (this.#all.size >= maxConnections) {
      const message = 'Too many connections to the target are open.';
      exchange.fail(new TenfoldError('overloaded', message, { retryAfterSeconds: 1, reason: 'limit.connections' }));
      return;
    }
    const { upgrade } = exchange.request;
    const attempt: Attempt = { exchange };
    const connection = new Connection(this);
    this.#all.add(connection);
    if (!wantsItsOwn(exchange)) this.#waiting.set(exchange, attempt);
    const timeoutMs = exchange.request.connectTimeoutMs ?? connectTimeoutMs;
    const buffer = this.#options.readBuffer();
    const callback = (length: number) => connection.receive(buffer, length);
    // A connection that changes its protocol is handed on as a stream, so it is read as one.
    const readInto: OnReadOpts | undefined = upgrade ? undefined : { buffer, callback };
    const until = this.#options.now() + timeoutMs;
    const patientUntil = Math.min(until, this.#options.now() + this.#options.refusedMs);
    const open = () => {
      const leftMs = Math.max(1, until - this.#options.now());
      const socket = openSocket(this.#destination, this.#options, leftMs, readInto, error => {
        const end = () => this.#opened(connection, socket, attempt, error);
        if (error && isRefusal(error) && attempt.exchange?.over === false)
          this.#refusals.add({ until: patientUntil, again: open, giveUp: end });
        else end();
      });
      connection.opening(socket);
    };
    open();
  }

  #opened(connection: Connection, socket: Socket, attempt: Attempt, error: Error | undefined): void {
    const { exchange } = attempt;
    if (exchange) this.#waiting.delete(exchange);
    if (error) {
      this.closed(connection);
      exchange?.fail(error);
      return;
    }
    this.#refusals.through();
    const upgrade = exchange?.request.upgrade;
    if (upgrade) socket.on('data', chunk => connection.receive(chunk, chunk.length));
    connection.open(socket);
    // Not all at the same time.
    connection.endsAt = this.#options.now() + shortened(2 * this.#options.useMs, 0.5, Math.random());
    if (!exchange) this.released(connection, undefined);
    else if (!connection.start(exchange)) {
      if (upgrade) connection.destroy();
      else this.released(connection, undefined);
    }
  }
}

/** A connection that nobody used before. */
function wantsItsOwn({ request: { upgrade, reuse } }: InFlightExchange): boolean {
  return Boolean(upgrade) || reuse === 'never';
}

function isRefusal(error: Error): boolean {
  return 'code' in error && error.code === 'ECONNREFUSED';
}

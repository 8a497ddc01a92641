// A broker as others speak to it: over lines that open when they are needed, and not more often
// than makes sense while nobody answers.
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import type { World } from '../../../../core/world.ts';
import type { KafkaCounts } from '../counts.ts';
import { FAULT, faultOf, KafkaFault } from '../kafka-error.ts';
import type { KafkaRequest } from '../wire/request.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { type Endpoint, openConnection } from './connection.ts';
import type { KafkaConnection } from './connection-options.ts';

export interface ManagedConnectionOptions {
  readonly world: World;
  readonly connection: KafkaConnection;
  readonly requestTimeoutMs: number;
  readonly counts: KafkaCounts;
}

/** Lines for quick questions; more would only take memory on both sides. */
const SHARED_CONNECTIONS = 2;
/**
 * Lines that are kept for questions that wait; when many members join, there are many for a moment.
 */
const IDLE_CONNECTIONS = 4;
const PAUSES = { base: 50, max: 2000 };
/** Time that what is under way gets to end when a connection is replaced. */
const GRACE_MS = 30_000;

/** Requests of one line are answered one after another. */
export class ManagedConnection {
  readonly #options: ManagedConnectionOptions;
  readonly #endpoint: Endpoint;
  readonly #silent: () => void;
  #connection: BrokerConnection | undefined;
  #opening: Promise<BrokerConnection> | undefined;
  #failures = 0;
  #notBefore = 0;
  #lastError: unknown;
  #isClosed = false;

  /** `silent`: told when its connection is given up since nobody answered in time. */
  constructor(options: ManagedConnectionOptions, endpoint: Endpoint, silent: () => void) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#silent = silent;
  }

  get pending(): number {
    return this.#connection?.pending ?? 0;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  async send<Answer>(
    request: KafkaRequest<Answer>,
    timeoutMs: number = this.#options.requestTimeoutMs,
  ): Promise<Answer> {
    const connection = this.#connection;
    if (connection?.isOpen && this.#options.world.monotonic() < connection.expiresAt)
      return connection.send(request, timeoutMs);
    return (await this.#open()).send(request, timeoutMs);
  }

  /** The next request opens a new connection, unless something is under way on this one. */
  renew(): void {
    if (this.pending === 0) this.#connection?.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #open(): Promise<BrokerConnection> {
    const { world } = this.#options;
    if (this.#isClosed) throw new KafkaFault(FAULT.connection, 'the log is closed');
    if (this.#opening) return this.#opening;
    if (world.monotonic() < this.#notBefore) throw this.#lastError;
    const former = this.#connection;
    if (former?.isOpen) world.after(GRACE_MS, () => former.close());
    this.#connection = undefined;
    this.#opening = this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<BrokerConnection> {
    const { world, connection: options, requestTimeoutMs, counts } = this.#options;
    try {
      const connection = await openConnection(world, this.#endpoint, options, requestTimeoutMs, loss => {
        counts.lost[loss]++;
        if (loss === 'silent') this.#silent();
      });
      this.#failures = 0;
      if (this.#isClosed) connection.close();
      else this.#connection = connection;
      return connection;
    } catch (error) {
      this.#notBefore = world.monotonic() + pauseAfter(++this.#failures, PAUSES, world.random());
      this.#lastError = error;
      throw error;
    }
  }
}

export class Broker {
  readonly id: number;
  readonly endpoint: Endpoint;
  readonly #options: ManagedConnectionOptions;
  readonly #shared: ManagedConnection[] = [];
  readonly #idle: ManagedConnection[] = [];
  readonly #all = new Set<ManagedConnection>();

  constructor(options: ManagedConnectionOptions, id: number, endpoint: Endpoint) {
    this.#options = options;
    this.id = id;
    this.endpoint = endpoint;
  }

  /** For requests that the broker answers at once. */
  async ask<Answer>(request: KafkaRequest<Answer>, timeoutMs?: number): Promise<Answer> {
    let connection = this.#shared.find(({ isOpen, pending }) => isOpen && pending === 0);
    if (!connection && this.#shared.length < SHARED_CONNECTIONS) {
      connection = this.newConnection();
      this.#shared.push(connection);
    }
    connection ??= this.#shared.reduce((least, other) => (other.pending < least.pending ? other : least));
    try {
      return await connection.send(request, timeoutMs);
    } catch (error) {
      // An unreachable broker is so for all connections: a request that may wait long must not find
      // that out again.
      if (faultOf(error) === FAULT.connection) for (const idle of this.#idle.splice(0)) this.#drop(idle);
      throw error;
    }
  }

  /** For requests that the broker may keep waiting: no other request is behind them. */
  async askAlone<Answer>(request: KafkaRequest<Answer>, timeoutMs: number): Promise<Answer> {
    const connection = this.#idle.pop() ?? this.newConnection();
    try {
      const answer = await connection.send(request, timeoutMs);
      if (this.#idle.length < IDLE_CONNECTIONS) this.#idle.push(connection);
      else this.#drop(connection);
      return answer;
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  /**
   * When one connection is silently dead, the others may be so as well, and each would cost a whole
   * timeout.
   */
  #suspect(): void {
    for (const connection of this.#all) connection.renew();
  }

  #drop(connection: ManagedConnection): void {
    connection.close();
    this.#all.delete(connection);
  }

  /** One for a single owner. */
  newConnection(): ManagedConnection {
    const connection = new ManagedConnection(this.#options, this.endpoint, () => this.#suspect());
    this.#all.add(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}

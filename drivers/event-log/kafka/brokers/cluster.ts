// The brokers of a cluster: who they are, who leads what, and that somebody answers; asked anew
// whenever somebody finds it out of date.
import { TenfoldError } from '../../../../core/errors.ts';
import { again } from '../../../../core/retry/again.ts';
import { pauseAfter } from '../../../../core/retry/backoff.ts';
import type { World } from '../../../../core/world.ts';
import { noTopic } from '../../no-topic.ts';
import { createKafkaCounts, type KafkaCounts } from '../counts.ts';
import { FAULT, KafkaFault, toLogError } from '../kafka-error.ts';
import { findCoordinator } from '../wire/groups.ts';
import {
  type ClusterMetadata,
  METADATA,
  type MetadataAnswer,
  type TopicMetadata,
  topicMetadata,
} from '../wire/metadata.ts';
import type { KafkaRequest } from '../wire/request.ts';
import { Broker, type ManagedConnectionOptions } from './broker.ts';
import type { KafkaConnection } from './connection-options.ts';

export type KafkaLog = (level: 'info' | 'warn', message: string) => void;

export interface ClusterOptions {
  readonly world: World;
  readonly connection: KafkaConnection;
  readonly requestTimeoutMs: number;
  readonly log: KafkaLog;
  readonly counts?: KafkaCounts | undefined;
}

const PAUSES = { base: 20, max: 500 };
/** Once nobody could be reached for so long, nothing waits for it any more. */
export const PATIENCE_MS = 3000;
/** Pauses between attempts to reach anybody at all. */
const SEARCHES = { base: 100, max: 2000 };

export class Cluster {
  readonly world: World;
  readonly requestTimeoutMs: number;
  readonly counts: KafkaCounts;
  readonly #connectionOptions: ManagedConnectionOptions;
  readonly #log: KafkaLog;
  readonly #seeds: readonly Broker[];
  readonly #brokers = new Map<number, Broker>();
  readonly #coordinators = new Map<string, number>();
  readonly #closing = new AbortController();
  #metadata: MetadataAnswer | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<ClusterMetadata> | undefined;
  readonly #askingForOne = new Map<string, Promise<TopicMetadata | undefined>>();
  /** The broker that answered last: views of one broker only go forward. */
  #teller: Broker | undefined;
  #failures = 0;
  #notBefore = 0;
  #outSince = 0;
  #failedAt = 0;
  #lastError: unknown;

  constructor({ world, connection, requestTimeoutMs, log, counts = createKafkaCounts() }: ClusterOptions) {
    this.world = world;
    this.requestTimeoutMs = requestTimeoutMs;
    this.counts = counts;
    this.#connectionOptions = { world, connection, requestTimeoutMs, counts };
    this.#log = log;
    this.#seeds = connection.brokers.map(address => new Broker(this.#connectionOptions, -1, endpointOf(address)));
    if (this.#seeds.length === 0) throw new TenfoldError('invalid-input', 'A Kafka needs the address of a broker.');
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The newest known metadata. Its topics change by what is learned of one of them. */
  get metadata(): ClusterMetadata | undefined {
    return this.#metadata;
  }

  /** For how long nobody could be reached when that was tried last, and why. */
  get outage(): { readonly reason: string; readonly forMs: number } | undefined {
    if (this.#failures === 0) return undefined;
    const reason = this.#lastError instanceof Error ? this.#lastError.message : String(this.#lastError);
    return { reason, forMs: this.#failedAt - this.#outSince };
  }

  /** Not older than `maxAgeMs`. */
  async fresh(maxAgeMs: number): Promise<ClusterMetadata> {
    if (this.#metadata && this.world.monotonic() - this.#askedAt <= maxAgeMs) return this.#metadata;
    return this.refresh();
  }

  /** Asks anew; who asks while somebody does already gets the same answer. */
  refresh(): Promise<ClusterMetadata> {
    if (this.#asking) return this.#asking;
    this.#asking = this.#ask(METADATA)
      .then(metadata => this.#adopt(metadata))
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }

  /**
   * Asks anew for one topic, as the answer for all of a large cluster has megabytes. Undefined:
   * there is none of that name, even now.
   */
  look(name: string): Promise<TopicMetadata | undefined> {
    const asking = this.#askingForOne.get(name);
    if (asking) return asking;
    const asked = this.#lookNow(name).finally(() => this.#askingForOne.delete(name));
    this.#askingForOne.set(name, asked);
    return asked;
  }

  /** `not-found` when there is none of that name, even now. */
  async topic(name: string): Promise<TopicMetadata> {
    return this.#metadata?.topics.get(name) ?? this.freshTopic(name);
  }

  async freshTopic(name: string): Promise<TopicMetadata> {
    const found = await this.look(name);
    if (found) return found;
    throw noTopic(name);
  }

  broker(id: number): Broker {
    const broker = this.#brokers.get(id);
    if (!broker) throw new KafkaFault(id < 0 ? 5 : 8, id < 0 ? '' : `broker ${id}`);
    return broker;
  }

  /** For questions that any can answer or pass on. */
  async anyBroker(): Promise<Broker> {
    if (!this.#teller) await this.refresh();
    if (!this.#teller) throw new KafkaFault(FAULT.connection, 'no broker answers');
    return this.#teller;
  }

  async coordinatorOf(group: string): Promise<Broker> {
    const known = this.#coordinators.get(group);
    if (known !== undefined && this.#brokers.has(known)) return this.broker(known);
    const { errorCode, coordinator } = await (await this.anyBroker()).ask(findCoordinator(group));
    if (errorCode !== 0) throw new KafkaFault(errorCode);
    if (!this.#brokers.has(coordinator.nodeId)) await this.refresh();
    const broker = this.broker(coordinator.nodeId);
    this.#coordinators.set(group, coordinator.nodeId);
    return broker;
  }

  forgetCoordinator(group: string): void {
    this.#coordinators.delete(group);
  }

  /**
   * Again and again as long as it may help and time is left, also through a short outage; says what
   * failed in the log's words. `what`: "Topic orders could not be created".
   */
  async attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    const end = this.world.monotonic() + this.requestTimeoutMs;
    let isRepeat = false;
    const step = async () => {
      if (isRepeat) await this.refresh().catch(() => {});
      return work();
    };
    const failed = (error: unknown) => {
      const mayPass = error instanceof KafkaFault && error.mayPass;
      const isOut = (this.outage?.forMs ?? 0) > PATIENCE_MS;
      if (!mayPass || isOut || this.world.monotonic() >= end) throw toLogError(error, what);
      isRepeat = true;
    };
    return again(step, { ...PAUSES, failed }, { world: this.world, signal: this.closed });
  }

  close(): void {
    this.#closing.abort(new TenfoldError('log-unavailable', 'The log is closed.'));
    for (const broker of [...this.#seeds, ...this.#brokers.values()]) broker.close();
  }

  async #lookNow(name: string): Promise<TopicMetadata | undefined> {
    // All are needed anyway.
    if (this.#metadata === undefined) return (await this.refresh()).topics.get(name);
    // Its answer is older than the one that is asked for here.
    await this.#asking?.catch(() => {});
    const known = this.#metadata;
    const found = (await this.#ask(topicMetadata(name))).topics.get(name);
    // An answer for all that came meanwhile was asked for later.
    if (this.#metadata !== known) return found;
    // A copy of all would cost a large cluster more than the answer for one.
    if (found) known.topics.set(name, found);
    else known.topics.delete(name);
    return found;
  }

  /** Also learns who the brokers are. */
  async #ask(request: KafkaRequest<MetadataAnswer>): Promise<MetadataAnswer> {
    if (this.closed.aborted) throw this.closed.reason;
    if (this.world.monotonic() < this.#notBefore) throw this.#lastError;
    const began = this.world.monotonic();
    const known = [...this.#brokers.values()];
    const candidates = new Set([...(this.#teller ? [this.#teller] : []), ...known, ...this.#seeds]);
    for (const broker of candidates) {
      try {
        const metadata = await broker.ask(request, this.requestTimeoutMs / 2);
        // A broker that has just been started knows nobody yet.
        if (metadata.brokers.length === 0) throw new KafkaFault(8, 'it has not joined its cluster yet');
        this.#reached(metadata, broker);
        return metadata;
      } catch (error) {
        this.#lastError = error;
      }
      if (this.closed.aborted) throw this.closed.reason;
    }
    this.#failedAt = this.world.monotonic();
    this.#notBefore = this.#failedAt + pauseAfter(++this.#failures, SEARCHES, this.world.random());
    if (this.#failures === 1) {
      this.#outSince = began;
      this.#log('warn', `Kafka cannot be reached, which is tried again and again: ${this.outage?.reason}`);
    }
    throw this.#lastError;
  }

  #adopt(metadata: MetadataAnswer): ClusterMetadata {
    this.#metadata = metadata;
    this.#askedAt = this.world.monotonic();
    return metadata;
  }

  #reached(metadata: ClusterMetadata, teller: Broker): void {
    if (this.#failures > 0) this.#log('info', 'Kafka is reached again.');
    this.#failures = 0;
    for (const { id, host, port } of metadata.brokers) {
      const known = this.#brokers.get(id);
      if (known?.endpoint.host === host && known.endpoint.port === port) continue;
      known?.close();
      this.#brokers.set(id, new Broker(this.#connectionOptions, id, { host, port }));
    }
    this.#teller = teller;
  }
}

function endpointOf(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(address.trim());
  if (!match) throw new TenfoldError('invalid-input', `The address of a broker is written host:port, not ${address}.`);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) };
}

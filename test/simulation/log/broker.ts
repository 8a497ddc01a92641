// The simulated log itself, as the processes share it: topics, positions and groups,
// without anything in between.
import { TenfoldError } from '../../../core/errors.ts';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import {
  type AppendedAt,
  MAX_METADATA,
  type NewRecord,
  type Position,
  type TopicSettings,
} from '../../../drivers/event-log/event-log.ts';
import { partitionFor } from '../../../drivers/event-log/partitioner.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { EPOCH } from '../kernel/virtual-time.ts';
import { Group } from './group.ts';
import { type LogFaults, NO_LOG_FAULTS } from './log-faults.ts';
import { PartitionLog, type StoredRecord } from './partition-log.ts';

interface Topic {
  readonly id: string;
  settings: TopicSettings;
  readonly partitions: PartitionLog[];
}

export type AppendWatch = (topic: string, partition: number, record: StoredRecord) => void;

export interface SimulatedCommit {
  readonly group: string;
  readonly partition: number;
  readonly position: Position;
  readonly before: Position | undefined;
  readonly by: SimulatedProcess;
}

export type CommitWatch = (commit: SimulatedCommit) => void;

export class SimulatedBroker {
  readonly simulation: Simulation;
  faults: LogFaults;
  /** Nothing can be reached: every call fails, and nothing happens. */
  down = false;
  /** Largest metadata of a commit, bytes. */
  maxMetadata = MAX_METADATA;
  /** From when a member is silent until the others get its partitions, milliseconds. */
  sessionMs = 6_000;
  /** How long groups take at most to see that a topic has got more partitions. */
  growthSeenMs = 3_000;
  /** Called for each record in the order of the log. */
  readonly watches: AppendWatch[] = [];
  /** Called when a process is given a partition of any group. */
  readonly assignedWatches: ((process: SimulatedProcess, partition: number) => void)[] = [];
  readonly lostWatches: ((process: SimulatedProcess, partition: number) => void)[] = [];
  /** Called for each commit before it takes effect. */
  readonly commitWatches: CommitWatch[] = [];
  readonly groups = new Map<string, Group>();
  readonly #topics = new Map<string, Topic>();
  /** How often a topic of the name was deleted. */
  readonly #epochs = new Map<string, number>();
  #made = 0;
  readonly #positions = new Map<string, Map<number, Position>>();
  /** By topic, partition and reader: until when it gets nothing, milliseconds since the start. */
  readonly #heldReads = new Map<string, number>();

  constructor(simulation: Simulation, faults: LogFaults = NO_LOG_FAULTS) {
    this.simulation = simulation;
    this.faults = faults;
  }

  get topicNames(): readonly string[] {
    return [...this.#topics.keys()];
  }

  topic(name: string): Pick<Topic, 'id' | 'settings'> | undefined {
    return this.#topics.get(name);
  }

  partitions(topic: string): readonly PartitionLog[] | undefined {
    return this.#topics.get(topic)?.partitions;
  }

  partition(topic: string, partition: number): PartitionLog {
    const found = this.#topics.get(topic)?.partitions[partition];
    if (!found) throw new TenfoldError('not-found', `topic ${topic} has no partition ${partition}`);
    return found;
  }

  ensureTopic(name: string, settings: TopicSettings): void {
    const topic = this.#topics.get(name) ?? { id: String(++this.#made), settings, partitions: [] };
    if (settings.partitions < topic.partitions.length) {
      throw new TenfoldError('conflict', `topic ${name} has ${topic.partitions.length} partitions and cannot shrink`);
    }
    topic.settings = settings;
    const first = (this.#epochs.get(name) ?? 0) * OFFSETS_PER_EPOCH;
    while (topic.partitions.length < settings.partitions) topic.partitions.push(new PartitionLog(first));
    this.#topics.set(name, topic);
    for (const group of this.groups.values()) if (group.topics.includes(name)) group.partitionsChanged();
  }

  deleteTopic(name: string): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    this.#topics.delete(name);
    this.#epochs.set(name, (this.#epochs.get(name) ?? 0) + 1);
    for (const key of this.#positions.keys()) if (key.endsWith(`\n${name}`)) this.#positions.delete(key);
    for (const partition of topic.partitions) partition.wake();
  }

  /** Which partition each record goes to; fails before anything has happened. */
  place(topic: string, records: readonly NewRecord[]): number[] {
    const count = this.partitions(topic)?.length;
    if (count === undefined) throw new TenfoldError('not-found', `there is no topic ${topic}`);
    return records.map(record => {
      if (record.partition !== undefined) {
        this.partition(topic, record.partition);
        return record.partition;
      }
      return partitionFor(record, count) ?? this.simulation.chance.int('partition without a key', 0, count - 1);
    });
  }

  append(topic: string, records: readonly NewRecord[], by: string): AppendedAt[] {
    const { chance, now } = this.simulation;
    const places = this.place(topic, records);
    return records.map((record, index) => {
      const partition = places[index] ?? 0;
      const log = this.partition(topic, partition);
      const gap = (side: string) => (chance.happens(`gap ${side}`, this.faults.gap) ? chance.int('gap size', 1, 3) : 0);
      const offset = log.append(record, { by, at: now, timestamp: EPOCH + now }, gap('before'), gap('after'));
      const stored = log.history.at(-1);
      if (stored) for (const watch of this.watches) watch(topic, partition, stored);
      return { partition, offset };
    });
  }

  /**
   * Readers of the partition, or that process alone, get nothing for so long, though all else goes
   * on: they are slow, or its leader is.
   */
  holdReads(topic: string, partition: number, ms: number, by = ''): void {
    this.#heldReads.set(`${topic}/${partition} ${by}`, this.simulation.now + ms);
  }

  /** For how long that process still gets nothing of the partition. */
  heldFor(topic: string, partition: number, by: string): number {
    const until = (reader: string) => this.#heldReads.get(`${topic}/${partition} ${reader}`) ?? 0;
    return Math.max(0, Math.max(until(''), until(by)) - this.simulation.now);
  }

  position(group: string, topic: string, partition: number): Position | undefined {
    return this.#positions.get(`${group}\n${topic}`)?.get(partition);
  }

  setPosition(group: string, topic: string, partition: number, position: Position): void {
    const size = Buffer.byteLength(position.metadata);
    if (size > this.maxMetadata) {
      throw new TenfoldError('body-too-large', `metadata of ${size} bytes, ${this.maxMetadata} are allowed`);
    }
    const key = `${group}\n${topic}`;
    const positions = this.#positions.get(key) ?? new Map<number, Position>();
    this.#positions.set(key, positions.set(partition, position));
  }

  commit(group: string, topic: string, partition: number, position: Position, by: SimulatedProcess): void {
    const before = this.position(group, topic, partition);
    this.setPosition(group, topic, partition, position);
    for (const watch of this.commitWatches) watch({ group, partition, position, before, by });
  }

  group(name: string, topics: readonly string[]): Group {
    let group = this.groups.get(name);
    if (!group) {
      group = new Group(this, name, topics);
      this.groups.set(name, group);
    }
    return group;
  }
}

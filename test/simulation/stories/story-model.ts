// What the story of an event must say at any moment. It follows from all that was ever written,
// also from what has been trimmed away; the product's own reading begins at commits.
import type { ConsumerStory } from '../../../admin/story-view.ts';
import type { Failure } from '../../../core/failure.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { toTimestamp } from '../../../core/world.ts';
import { decodeDeadRecord } from '../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import type { DeadLetter } from '../../../worker/dispatch/settings.ts';
import { type Commit, parseCommit } from '../../../worker/parking-log/commit.ts';
import { decodeParkingLogRecord } from '../../../worker/parking-log/parking-log-codec.ts';
import type { OwnersRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { GROUP, TOPIC } from '../consumers/consumer.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import type { PartitionLog, StoredRecord } from '../log/partition-log.ts';
import type { Tracked } from '../model/ledger.ts';

/** The part of a story that a model can know. Its sentences are for people. */
export type ModelFate = Omit<ConsumerStory, 'consumer' | 'because' | 'note'>;

/** An event that the parking log is responsible for. */
export interface ModelEntry {
  readonly state: 'parked' | 'held' | 'dead';
  readonly generation: number;
  readonly attempts: number;
  /** Time of the next attempt. */
  readonly at: number;
  readonly since: number;
  readonly reason: string | undefined;
  readonly error: Failure | undefined;
}

/** `generation`: up to which it counts. */
interface Decision {
  readonly generation: number;
  readonly mark: 'redriven' | 'purged';
  readonly at: number;
}

interface Partition {
  claim: number;
  seq: number;
  /** What the log had checked when it was trimmed up to a claim, by the offset of that. */
  readonly checkpoints: Map<number, Pick<Commit, 'top' | 'holes'>>;
  readonly entries: Map<number, ModelEntry>;
  /** Events of which a record that counts has ever spoken. */
  readonly spoken: Set<number>;
  readonly letters: Map<number, DeadLetter>;
  /** The newest decision of a person about an event. */
  readonly decided: Map<number, Decision>;
}

export class StoryModel {
  readonly #broker: SimulatedBroker;
  readonly #group: string;
  readonly #topic: string;
  readonly #partitions: Partition[] = [];
  #changes = 0;

  constructor(broker: SimulatedBroker, group = GROUP, topic = TOPIC) {
    this.#broker = broker;
    this.#group = group;
    this.#topic = topic;
    const [parkingLog, deadLetters] = [parkingLogTopicOf(group), deadTopicOf(group)];
    broker.watches.push((topic, partition, record) => {
      this.#changes++;
      if (topic === parkingLog) this.#parkingLogRecord(this.#of(partition), record);
      if (topic === deadLetters) this.#deadRecord(partition, record);
    });
    broker.commitWatches.push(() => {
      this.#changes++;
    });
  }

  /** Grows with each change of what could be told of the partition. */
  versionOf(partition: number): number {
    const start = this.#parkingLog(partition)?.bounds.start ?? -1;
    return (
      this.#changes + start + 1 + (this.#broker.position(this.#group, this.#topic, partition) === undefined ? 0 : 1)
    );
  }

  /** By the offset of the event, all that the parking log of the partition is responsible for. */
  entriesIn(partition: number): ReadonlyMap<number, ModelEntry> {
    return this.#of(partition).entries;
  }

  /** By what is written now. */
  fateOf(event: Tracked): ModelFate {
    const { partition, record } = event;
    const position = this.#broker.position(this.#group, this.#topic, partition);
    // Whoever begins sets its position first, and then gives the parking log its partition.
    if (position === undefined || this.#parkingLog(partition) === undefined) return { fate: 'waiting' };
    const { entries, letters, decided, spoken } = this.#of(partition);
    const entry = entries.get(record.offset);
    if (entry !== undefined) return this.#fateOfEntry(event, entry);
    const letter = letters.get(record.offset);
    if (letter !== undefined) return fateOfLetter(letter);
    const decision = decided.get(record.offset);
    if (decision !== undefined) return fateOfDecision(decision);
    if (event.filtered) return { fate: 'filtered' };
    const isDone = this.#doneIn(partition);
    if (spoken.has(record.offset) || isDone(record.offset)) return { fate: 'done' };
    let ahead = 0;
    for (let offset = position.offset; offset < record.offset; offset++) if (!isDone(offset)) ahead++;
    return { fate: 'waiting', ahead };
  }

  #fateOfEntry({ lane, partition, record }: Tracked, entry: ModelEntry): ModelFate {
    const { state, generation, attempts, at, since, reason, error } = entry;
    const { entries } = this.#of(partition);
    const head = lane.events.find(each => (entries.get(each.record.offset)?.state ?? 'dead') !== 'dead');
    const isBehind = state !== 'dead' && head !== undefined && head.record.offset !== record.offset;
    return {
      fate: state,
      ...(state === 'dead' ? { settling: true as const } : {}),
      attempts,
      since: toTimestamp(since),
      ...(isBehind ? { behind: `${partition}-${head.record.offset}` } : {}),
      ...(state === 'parked' && !isBehind ? { nextAttemptAt: toTimestamp(at) } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(generation === 0 ? {} : { redriven: generation }),
      ...ofError(error),
    };
  }

  /** By the commit in force, and by what the parking log says instead of what was trimmed away. */
  #doneIn(partition: number): (offset: number) => boolean {
    const { checkpoints } = this.#of(partition);
    const commit = parseCommit(this.#broker.position(this.#group, this.#topic, partition));
    const start = this.#parkingLog(partition)?.bounds.start ?? 0;
    const checkpoint = start > commit.parkingLog.offset ? checkpoints.get(start) : undefined;
    return offset =>
      [commit, checkpoint].some(each => each !== undefined && offset < each.top && !each.holes.includes(offset));
  }

  #parkingLog(partition: number): PartitionLog | undefined {
    return this.#broker.partitions(parkingLogTopicOf(this.#group))?.[partition];
  }

  #of(partition: number): Partition {
    while (this.#partitions.length <= partition) {
      this.#partitions.push({
        claim: -1,
        seq: 1,
        checkpoints: new Map(),
        entries: new Map(),
        spoken: new Set(),
        letters: new Map(),
        decided: new Map(),
      });
    }
    const found = this.#partitions[partition];
    if (!found) throw new Error(`partition ${partition}`);
    return found;
  }

  #parkingLogRecord(partition: Partition, stored: StoredRecord): void {
    const record = decodeParkingLogRecord(stored);
    if (record === undefined || record.type === 'command') return;
    if (record.type === 'claim') {
      partition.claim = stored.offset;
      partition.seq = 1;
      if (record.checkpoint) partition.checkpoints.set(stored.offset, record.checkpoint);
      return;
    }
    if (record.claim !== partition.claim || record.seq !== partition.seq) return;
    partition.seq++;
    if (record.type === 'acked') return;
    partition.spoken.add(record.event);
    const known = partition.entries.get(record.event);
    const next = entryAfter(record, known);
    if (next === undefined) partition.entries.delete(record.event);
    else partition.entries.set(record.event, next);
  }

  #deadRecord(partition: number, record: StoredRecord): void {
    const { letters, decided } = this.#of(partition);
    const decoded = decodeDeadRecord(partition, record);
    if (decoded?.type === 'mark') {
      const { event, generation, mark } = decoded;
      const isNewer = generation > (decided.get(event)?.generation ?? -1);
      if (isNewer) decided.set(event, { generation, mark, at: record.timestamp });
      if ((letters.get(event)?.generation ?? -1) <= generation) letters.delete(event);
    }
    if (decoded?.type !== 'letter') return;
    const { letter } = decoded;
    const known = letters.get(letter.offset);
    if (letter.generation <= (decided.get(letter.offset)?.generation ?? -1)) return;
    // Whoever skips a held event writes its letter anew; a repeat of the former one says no more.
    const isRepeat = known?.generation === letter.generation && letter.held && !known.held;
    if (isRepeat || (known?.generation ?? -1) > letter.generation) return;
    letters.set(letter.offset, letter);
  }
}

/** Undefined once the parking log is not responsible for it. */
function entryAfter(
  record: Exclude<OwnersRecord, { type: 'acked' }>,
  known: ModelEntry | undefined,
): ModelEntry | undefined {
  switch (record.type) {
    case 'park': {
      const { generation, attempts, at, wait, since, hold, error } = record;
      return {
        state: hold ? 'held' : 'parked',
        generation,
        attempts,
        at,
        since: hold?.since ?? since ?? at - wait,
        reason: hold?.reason,
        error,
      };
    }
    case 'retry': {
      const { attempts, at, wait, since, error } = record;
      return known && { ...known, attempts, at, since: since ?? at - wait, error };
    }
    case 'dead': {
      const { generation, attempts, since, reason, held, error } = record;
      return { state: held ? 'held' : 'dead', generation, attempts, at: 0, since, reason, error };
    }
    case 'dead-lettered': {
      const isItsEnd = known?.state === 'dead' && known.generation === record.generation && !record.held;
      return isItsEnd ? undefined : known;
    }
    case 'done':
      return undefined;
  }
}

function fateOfDecision({ generation, mark, at }: Decision): ModelFate {
  if (mark === 'redriven') return { fate: 'done', redriven: generation + 1, redrivenAt: toTimestamp(at) };
  return { fate: 'purged', since: toTimestamp(at), ...(generation === 0 ? {} : { redriven: generation }) };
}

function fateOfLetter({ held, reason, attempts, at, generation, error }: DeadLetter): ModelFate {
  return {
    fate: held ? 'held' : 'dead',
    attempts,
    since: toTimestamp(at),
    reason,
    ...(generation === 0 ? {} : { redriven: generation }),
    ...ofError(error),
  };
}

export function ofError(error: Failure | undefined): Pick<ConsumerStory, 'error' | 'status'> {
  if (error === undefined) return {};
  return { error: error.message, ...(error.status === undefined ? {} : { status: error.status }) };
}

// Packs records into one chunk per partition while they wait for the next commit, and tells each
// caller where its records went.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { type ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { DatabaseClient, DatabaseRequest } from '../../sqlite/database.ts';
import type { AppendedAt, NewRecord } from '../event-log.ts';
import { noTopic } from '../no-topic.ts';
import { partitionFor } from '../partitioner.ts';
import { queuedSizeOf, writeRecord } from './record-codec.ts';
import { APPEND, PARTITION_GONE } from './requests.ts';
import { type PartitionMirror, setBounds, type TopicMirror } from './topic-mirror.ts';

/** No more records join a batch or a chunk that has this size, bytes. */
const MAX_BATCH = 1 << 20;
const MAX_CHUNK = 256 << 10;

interface Chunk {
  readonly partition: PartitionMirror;
  readonly out: ByteWriter;
  count: number;
  newest: number;
  base: number;
}

interface Call {
  /** For each record its chunk and its place there. */
  readonly chunks: Chunk[];
  readonly places: number[];
  readonly bytes: number;
  resolve(at: AppendedAt[]): void;
  reject(error: unknown): void;
}

type Appended = (partition: PartitionMirror, records: number, bytes: number) => void;

export class SqliteAppender {
  readonly #client: DatabaseClient;
  readonly #world: World;
  #open: Batch | undefined;
  readonly #appended: Appended;
  #turn = 0;

  /** Told of each chunk once it is durable. */
  constructor(client: DatabaseClient, world: World, appended: Appended) {
    this.#client = client;
    this.#world = world;
    this.#appended = appended;
  }

  append(topic: TopicMirror, records: readonly NewRecord[]): Promise<AppendedAt[]> {
    return new Promise((resolve, reject) => {
      let bytes = 0;
      for (const record of records) bytes += queuedSizeOf(record);
      const partitions = records.map(record => this.#partitionFor(topic, record));
      this.#client.budget.take(bytes);
      const batch = this.#open ?? new Batch(this.#client.budget.give, () => this.#shut(batch), this.#appended);
      const isNew = batch !== this.#open;
      const call: Call = { chunks: [], places: [], bytes, resolve, reject };
      const now = this.#world.now();
      for (const [index, record] of records.entries()) {
        const partition = partitions[index];
        if (partition) batch.add(call, partition, record, now);
      }
      batch.calls.push(call);
      this.#open = batch.bytes < MAX_BATCH ? batch : undefined;
      // Last, as a database that is down fails it at once.
      if (isNew) this.#client.enqueue(batch);
    });
  }

  #shut(batch: Batch): void {
    if (this.#open === batch) this.#open = undefined;
  }

  #partitionFor({ name, partitions }: TopicMirror, record: NewRecord): PartitionMirror {
    const number = partitionFor(record, partitions.length) ?? this.#turn++ % partitions.length;
    const found = partitions[number];
    if (found) return found;
    throw new TenfoldError('not-found', `Topic ${name} has partitions 0 to ${partitions.length - 1}, not ${number}.`);
  }
}

class Batch implements DatabaseRequest {
  readonly calls: Call[] = [];
  readonly #chunks: Chunk[] = [];
  readonly #openChunks = new Map<PartitionMirror, Chunk>();
  readonly #give: (bytes: number) => void;
  readonly #leaves: () => void;
  readonly #appended: Appended;
  bytes = 0;

  constructor(give: (bytes: number) => void, leaves: () => void, appended: Appended) {
    this.#give = give;
    this.#leaves = leaves;
    this.#appended = appended;
  }

  add(call: Call, partition: PartitionMirror, record: NewRecord, now: number): void {
    let chunk = this.#openChunks.get(partition);
    if (!chunk || chunk.out.length >= MAX_CHUNK) {
      chunk = { partition, out: new ByteWriter(), count: 0, newest: 0, base: PARTITION_GONE };
      this.#openChunks.set(partition, chunk);
      this.#chunks.push(chunk);
    }
    this.bytes += writeRecord(chunk.out, record, now);
    chunk.newest = Math.max(chunk.newest, now);
    call.chunks.push(chunk);
    call.places.push(chunk.count++);
  }

  pack(out: ByteWriter): void {
    this.#leaves();
    out.u8(APPEND);
    out.u32(this.#chunks.length);
    for (const chunk of this.#chunks) {
      out.u32(chunk.partition.id);
      out.u32(chunk.count);
      out.f64(chunk.newest);
      out.sized(chunk.out.bytes);
    }
  }

  done(reply: ByteReader): void {
    for (const chunk of this.#chunks) chunk.base = reply.f64();
    for (const call of this.calls) {
      this.#give(call.bytes);
      const gone = call.chunks.find(({ base }) => base === PARTITION_GONE);
      if (gone) call.reject(noTopic(gone.partition.topic));
      else
        call.resolve(
          call.chunks.map(({ partition, base }, at) => ({
            partition: partition.number,
            offset: base + (call.places[at] ?? 0),
          })),
        );
    }
    for (const { partition, base, count, out } of this.#chunks) {
      if (base === PARTITION_GONE) continue;
      setBounds(partition, 0, base + count);
      this.#appended(partition, count, out.length);
    }
  }

  failed(error: unknown): void {
    this.#leaves();
    for (const call of this.calls) {
      this.#give(call.bytes);
      call.reject(error);
    }
  }
}

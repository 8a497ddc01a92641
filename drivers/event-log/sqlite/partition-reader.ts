// Reads one partition from a position on: fetches whole chunks from the reading thread, hands out
// records, waits to be woken at the end.
import { TenfoldError } from '../../../core/errors.ts';
import type { DatabaseClient } from '../../sqlite/database.ts';
import type { LogRecord, ReadBatch, Reader, ReadLimits } from '../event-log.ts';
import { noTopic } from '../no-topic.ts';
import { ChunkCursor } from './record-codec.ts';
import { CHUNKS } from './requests.ts';
import type { PartitionMirror } from './topic-mirror.ts';

export interface SqliteReaderContext {
  readonly client: DatabaseClient;
  /** Path of the database, for messages. */
  readonly file: string;
}

/** Reads that ask for very much fetch it in several steps, bytes. */
const MAX_FETCH = 1 << 20;

export class SqlitePartitionReader implements Reader {
  readonly #context: SqliteReaderContext;
  readonly #partition: PartitionMirror;
  readonly #closed = new AbortController();
  readonly #lost: AbortSignal;
  #from: number;
  #fetched: ChunkCursor[] = [];
  readonly #isOnce: boolean;

  /** `lost`: rejects a read that waits. `isOnce`: it is asked a single time. */
  constructor(
    context: SqliteReaderContext,
    partition: PartitionMirror,
    from: number,
    lost: AbortSignal,
    isOnce = false,
  ) {
    this.#isOnce = isOnce;
    this.#context = context;
    this.#partition = partition;
    this.#from = from;
    this.#lost = AbortSignal.any([lost, this.#closed.signal]);
  }

  async next(limits: ReadLimits, signal?: AbortSignal): Promise<ReadBatch> {
    for (;;) {
      const batch = await this.now(limits, signal);
      if (batch.records.length > 0) return batch;
      await this.#change(signal);
    }
  }

  /** The stored records, possibly none. */
  async now(limits: ReadLimits, signal?: AbortSignal): Promise<ReadBatch> {
    signal?.throwIfAborted();
    this.#lost.throwIfAborted();
    const partition = this.#partition;
    if (partition.isDeleted) throw noTopic(partition.topic);
    if (this.#from < partition.first) {
      this.#from = partition.first;
      this.#fetched = [];
    }
    while (this.#fetched[0]?.isAtEnd) this.#fetched.shift();
    if (this.#fetched.length === 0 && this.#from < partition.next) {
      await this.#fetch(limits);
      signal?.throwIfAborted();
      this.#lost.throwIfAborted();
    }
    const records = this.#take(limits);
    return { records, next: this.#from, bounds: { start: partition.first, end: partition.next } };
  }

  close(): void {
    this.#closed.abort(new TenfoldError('conflict', 'The reader was closed.'));
  }

  #take({ maxRecords, maxBytes }: ReadLimits): LogRecord[] {
    const records: LogRecord[] = [];
    let bytes = 0;
    for (let cursor = this.#fetched[0]; cursor && records.length < maxRecords; cursor = this.#fetched[0]) {
      if (cursor.isAtEnd) {
        this.#from = Math.max(this.#from, cursor.offset);
        this.#fetched.shift();
        continue;
      }
      bytes += cursor.size;
      if (records.length > 0 && bytes > maxBytes) break;
      const record = cursor.next();
      if (!record) {
        if (records.length > 0) break; // what comes before it is sound
        this.#fetched = []; // a later call looks again
        throw this.#damaged(cursor.offset);
      }
      records.push(record);
      this.#from = record.offset + 1;
    }
    return records;
  }

  async #fetch({ maxRecords, maxBytes }: ReadLimits): Promise<void> {
    const { id, topic } = this.#partition;
    const from = this.#from;
    await this.#context.client.read(
      out => {
        out.u8(CHUNKS);
        out.u32(id);
        out.f64(from);
        out.u32(Math.min(maxBytes, MAX_FETCH));
        out.u32(Math.min(maxRecords, 0xffff_ffff));
        out.u8(this.#isOnce ? 1 : 0);
      },
      reply => {
        const first = reply.f64();
        reply.f64();
        if (first < 0) throw noTopic(topic);
        this.#from = Math.max(from, first);
        while (reply.left > 0) {
          const base = reply.f64();
          const count = reply.u32();
          const cursor = new ChunkCursor(reply.sized(), base, count);
          while (cursor.offset < this.#from && !cursor.isAtEnd) cursor.skip();
          this.#fetched.push(cursor);
        }
      },
    );
  }

  /** Resolves when there is more to read, or rejects when there will not be. */
  #change(signal: AbortSignal | undefined): Promise<void> {
    const { changed } = this.#partition;
    return new Promise((resolve, reject) => {
      const settle = () => {
        changed.delete(wake);
        signal?.removeEventListener('abort', abort);
        this.#lost.removeEventListener('abort', abort);
      };
      const wake = () => {
        settle();
        resolve();
      };
      const abort = () => {
        settle();
        reject(signal?.aborted ? signal.reason : this.#lost.reason);
      };
      if (signal?.aborted || this.#lost.aborted) return abort();
      if (this.#from < this.#partition.next || this.#partition.isDeleted) return resolve();
      changed.add(wake);
      signal?.addEventListener('abort', abort);
      this.#lost.addEventListener('abort', abort);
    });
  }

  #damaged(offset: number): TenfoldError {
    const { topic, number } = this.#partition;
    return new TenfoldError(
      'data-corrupt',
      `${this.#context.file} is damaged: the record with offset ${offset} of partition ${number} of topic ${topic} does not match its checksum. Stop and run \`tenfold doctor\` on it.`,
    );
  }
}

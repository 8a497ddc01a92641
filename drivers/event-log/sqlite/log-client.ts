// The requests that the log sends to its tables.
import type { Narrowed, NarrowQuery } from '../../event-index/event-index.ts';
import type { DatabaseClient } from '../../sqlite/database.ts';
import type { Uncovered } from './names/indexer.ts';
import { packWholeBlock, unpackNextBlock } from './names/wire.ts';
import {
  CHANGE,
  DUE,
  type Due,
  type Keep,
  type LogChange,
  NAMES,
  NARROW,
  NEXT_BLOCK,
  POSITIONS,
  STATE,
  type StoredPosition,
  TIME,
  type TopicState,
  UNINDEXED,
} from './requests.ts';

/** A waiting change takes about as much memory. */
const CHANGE_BYTES = 512;

export class LogClient {
  readonly #client: DatabaseClient;
  readonly #closed: AbortSignal;

  constructor(client: DatabaseClient, closed: AbortSignal) {
    this.#client = client;
    this.#closed = closed;
  }

  /** Throws the reason of the signal once the log is closed. */
  change<T>(what: LogChange): Promise<T> {
    this.#closed.throwIfAborted();
    const text = JSON.stringify(what);
    return this.#client.write(
      CHANGE_BYTES + text.length,
      out => {
        out.u8(CHANGE);
        out.text(text);
      },
      reply => reply.json<T>(),
    );
  }

  state(): Promise<TopicState[]> {
    return this.#client.read(
      out => out.u8(STATE),
      reply => reply.json<TopicState[]>(),
    );
  }

  positions(topic: number, group: string): Promise<StoredPosition[]> {
    return this.#client.read(
      out => {
        out.u8(POSITIONS);
        out.u32(topic);
        out.text(group);
      },
      reply => reply.json<StoredPosition[]>(),
    );
  }

  offsetAt(partition: number, timeMs: number): Promise<number> {
    return this.#client.read(
      out => {
        out.u8(TIME);
        out.u32(partition);
        out.f64(timeMs);
      },
      reply => reply.f64(),
    );
  }

  /** Stores the next block, or answers how much there is where that is too little for one. */
  async indexNextBlock(partition: number): Promise<'made' | Uncovered> {
    this.#closed.throwIfAborted();
    const block = await this.#client.read(
      out => {
        out.u8(NEXT_BLOCK);
        out.u32(partition);
      },
      unpackNextBlock,
      true,
    );
    if (!('columns' in block)) return block;
    this.#closed.throwIfAborted();
    await this.#client.write(
      CHANGE_BYTES + block.columns.reduce((sum, { length }) => sum + length, 0),
      out => {
        out.u8(NAMES);
        out.u32(partition);
        packWholeBlock(out, block);
      },
      () => undefined,
    );
    return 'made';
  }

  /** How many records of each partition no block covers, by its id. */
  unindexed(): Promise<readonly (readonly [partition: number, records: number])[]> {
    return this.#client.read(
      out => out.u8(UNINDEXED),
      reply => reply.json<[number, number][]>(),
    );
  }

  narrow(partition: number, query: Omit<NarrowQuery, 'topic' | 'partition'>): Promise<Narrowed> {
    return this.#client.read(
      out => {
        out.u8(NARROW);
        out.u32(partition);
        out.json(query);
      },
      reply => reply.json<Narrowed>(),
      true,
    );
  }

  due(keep: readonly Keep[]): Promise<Due> {
    return this.#client.read(
      out => {
        out.u8(DUE);
        out.json(keep);
      },
      reply => reply.json<Due>(),
    );
  }
}

// Makes the columns of names behind the appends, block by block. Nothing waits for them: a search
// reads what they do not cover.
import type { PartitionMirror } from '../topic-mirror.ts';
import { BLOCK_BYTES, BLOCK_RECORDS } from './name-rows.ts';

export interface IndexerOptions {
  /** Makes the columns of the next block, if there is enough for one; answers whether there was. */
  next(partition: PartitionMirror): Promise<boolean>;
}

interface Waiting {
  records: number;
  bytes: number;
}

export class Indexer {
  readonly #options: IndexerOptions;
  /** Appended since the newest block, as far as this process knows. */
  readonly #waiting = new WeakMap<PartitionMirror, Waiting>();
  readonly #due = new Set<PartitionMirror>();
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Told of each chunk once it is durable. */
  appended(partition: PartitionMirror, records: number, bytes: number): void {
    const waiting = this.#waiting.get(partition) ?? { records: 0, bytes: 0 };
    waiting.records += records;
    waiting.bytes += bytes;
    this.#waiting.set(partition, waiting);
    if (waiting.records >= BLOCK_RECORDS || waiting.bytes >= BLOCK_BYTES) this.look(partition);
  }

  /** There may be enough for a block. */
  look(partition: PartitionMirror): void {
    if (this.#isClosed) return;
    this.#due.add(partition);
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due.clear();
    await this.#running;
  }

  /** One block of each partition in turn. */
  async #run(): Promise<void> {
    for (const partition of this.#due) {
      this.#due.delete(partition);
      this.#waiting.delete(partition);
      // A partition whose block cannot be made or stored is looked at again after as many appends.
      const made = await this.#options.next(partition).catch(() => false);
      if (made && !this.#isClosed) this.#due.add(partition);
    }
    this.#running = undefined;
  }
}

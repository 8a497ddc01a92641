// Makes the columns of names behind the appends, block by block. Nothing waits for them: a search
// reads what they do not cover.
import type { PartitionMirror } from '../topic-mirror.ts';
import { BLOCK_BYTES, BLOCK_RECORDS } from './name-rows.ts';

/** Records that no block covers. */
export interface Uncovered {
  readonly records: number;
  readonly bytes: number;
}

export interface IndexerOptions {
  /** Makes the columns of the next block, or answers how much there is. */
  next(partition: PartitionMirror): Promise<'made' | Uncovered>;
}

const NOTHING: Uncovered = { records: 0, bytes: 0 };

export class Indexer {
  readonly #options: IndexerOptions;
  /** Never less than there is: the next look corrects an append that was counted twice. */
  readonly #waiting = new WeakMap<PartitionMirror, Uncovered>();
  readonly #due = new Set<PartitionMirror>();
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Told of each chunk once it is durable, and of what an earlier process has left. */
  appended(partition: PartitionMirror, records: number, bytes: number): void {
    if (this.#isClosed || !this.#isEnough(partition, { records, bytes })) return;
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
      const found = await this.#options.next(partition).catch(() => NOTHING);
      const again = found === 'made' || this.#isEnough(partition, found);
      if (again && !this.#isClosed) this.#due.add(partition);
    }
    this.#running = undefined;
  }

  /** Whether there may be enough for a block with these. */
  #isEnough(partition: PartitionMirror, more: Uncovered): boolean {
    const { records, bytes } = this.#waiting.get(partition) ?? NOTHING;
    const waiting = { records: records + more.records, bytes: bytes + more.bytes };
    this.#waiting.set(partition, waiting);
    return waiting.records >= BLOCK_RECORDS || waiting.bytes >= BLOCK_BYTES;
  }
}

// The partitions that a member owns: given and taken one by one, and all lost when nothing was
// heard of the group for too long.
import { TenfoldError } from '../../../../core/errors.ts';
import type { Timer } from '../../../../core/world.ts';
import type { GroupOptions, OwnedPartition } from '../../event-log.ts';
import { KafkaPartitionReader } from '../fetch/partition-reader.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { MemberContext } from './member-context.ts';
import { assertMetadata } from './positions.ts';

export class OwnedShare {
  readonly #context: MemberContext;
  readonly #options: GroupOptions;
  readonly #commits: CommitQueue;
  readonly #owned = new Map<number, AbortController>();
  #timer: Timer | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  generation = -1;
  /**
   * All was let go of because nothing was heard: the group may well believe
   * that it is still owned here.
   */
  isLapsed = false;

  constructor(context: MemberContext, options: GroupOptions, commits: CommitQueue) {
    this.#context = context;
    this.#options = options;
    this.#commits = commits;
  }

  get partitions(): number[] {
    return [...this.#owned.keys()];
  }

  has(partition: number): boolean {
    return this.#owned.has(partition);
  }

  /** The member may keep its partitions for so much longer. */
  heard(forMs: number): void {
    this.#heardAt = this.#context.cluster.world.monotonic();
    this.#lapseIn(forMs);
  }

  /**
   * The same while a request is under way. One request may be lost on a dead connection, but no
   * more: a member without an answer for twice that time may already have lost its partitions.
   */
  waits(forMs: number): void {
    const left = this.#heardAt + 2 * forMs - this.#context.cluster.world.monotonic();
    if (this.#owned.size > 0) this.#lapseIn(Math.min(forMs, left));
  }

  #lapseIn(forMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#context.cluster.world.after(forMs, () => {
      const { group } = this.#options;
      this.isLapsed = true;
      this.loseAll(
        new TenfoldError(
          'log-unavailable',
          `Group ${group} was not heard of for so long that others may own its partitions.`,
        ),
      );
    });
  }

  /** True when something was taken. */
  become(partitions: readonly number[], generation: number): boolean {
    this.generation = generation;
    this.isLapsed = false;
    const { group } = this.#options;
    const wanted = new Set(partitions);
    let gaveUp = false;
    for (const [partition, lost] of this.#owned) {
      if (wanted.has(partition)) continue;
      this.#owned.delete(partition);
      gaveUp = true;
      lost.abort(new TenfoldError('conflict', `Partition ${partition} of group ${group} is given to another member.`));
    }
    for (const partition of partitions) if (!this.#owned.has(partition)) this.#give(partition);
    return gaveUp;
  }

  loseAll(reason: unknown): void {
    this.#timer?.cancel();
    const all = [...this.#owned.values()];
    this.#owned.clear();
    for (const lost of all) lost.abort(reason);
  }

  #give(partition: number): void {
    const lost = new AbortController();
    this.#owned.set(partition, lost);
    this.#options.assigned(this.#partition(partition, lost.signal));
  }

  #partition(partition: number, lost: AbortSignal): OwnedPartition {
    const { positions } = this.#context;
    const { group, topics } = this.#options;
    const readers = new Map<string, KafkaPartitionReader>();
    return {
      partition,
      lost,
      committed: async () => {
        const [position] = await positions.read(group, topics[0] ?? '', [partition]);
        return position;
      },
      commit: async position => {
        assertMetadata(position.metadata);
        lost.throwIfAborted();
        await this.#commits.add(partition, position);
        // Maybe it was not this member's to commit any more.
        lost.throwIfAborted();
      },
      open: (name, from) => {
        readers.get(name)?.close();
        const reader = new KafkaPartitionReader(this.#context, name, partition, from, lost);
        readers.set(name, reader);
        return reader;
      },
    };
  }
}

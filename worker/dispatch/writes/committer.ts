// Commits what is done, at most once a second while there is something new.
import type { World } from '../../../core/world.ts';
import type { OwnedPartition, Position } from '../../../drivers/event-log/event-log.ts';
import { type Commit, composeCommit } from '../../parking-log/commit.ts';

export interface CommitterOptions {
  readonly world: World;
  readonly partition: OwnedPartition;
  readonly metadataBytes: number;
  readonly signal: AbortSignal;
  /** The commit that the owner began with. */
  readonly begun: Commit;
  readonly gather: () => Commit;
  /** The commit is durable; `bytes` of its metadata. */
  readonly committed: (commit: Commit, bytes: number) => void;
  readonly trouble: (error: unknown) => void;
}

/**
 * An unchanged commit is made again after this long. A commit of a former owner, or a late one of
 * ours, may have overwritten it.
 */
const AGAIN_MS = 30_000;

export class Committer {
  readonly #options: CommitterOptions;
  #last = '';
  #lastAt = 0;
  /** The last commit that held all holes, or could have. */
  #whole: Commit;
  #under: Promise<void> | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#whole = options.begun;
  }

  /** Never rejects: a failed commit is made the next time. One commit at a time. */
  commit(): Promise<void> {
    this.#under ??= this.#commit().finally(() => {
      this.#under = undefined;
    });
    return this.#under;
  }

  /** Commits what is done now, not what was done when a commit under way began. */
  async commitLast(): Promise<void> {
    await this.#under;
    await this.commit();
  }

  async #commit(): Promise<void> {
    const { world, partition, metadataBytes, signal, gather, committed, trouble } = this.#options;
    if (signal.aborted) return;
    const { commit, position } = this.#compose(gather(), metadataBytes);
    if (position === undefined) return;
    const text = `${position.offset} ${position.metadata}`;
    const now = world.monotonic();
    if (text === this.#last && now < this.#lastAt + AGAIN_MS) return;
    try {
      await partition.commit(position);
      this.#last = text;
      this.#lastAt = now;
      committed(commit, position.metadata.length);
    } catch (error) {
      if (!signal.aborted) trouble(error);
    }
  }

  /**
   * Composes a commit that fits. When not all holes fit, a successor reads again what is done above
   * the first hole left out. It then still needs what the parking log said of those events. So the
   * watermark stays where it was when all holes fitted. Position undefined: the commit would lose
   * what an earlier one said.
   */
  #compose(commit: Commit, metadataBytes: number): { commit: Commit; position: Position | undefined } {
    const { position, told } = composeCommit(commit, metadataBytes);
    if (told === commit.holes.length) {
      this.#whole = commit;
      return { commit, position };
    }
    const kept = { ...commit, parkingLog: this.#whole.parkingLog };
    const partial = composeCommit(kept, metadataBytes);
    const top = kept.holes[partial.told] ?? kept.top;
    return { commit: kept, position: top < this.#whole.top ? undefined : partial.position };
  }
}

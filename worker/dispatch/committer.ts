// Commits what is done, at most once a second while there is something new.
import type { World } from '../../core/world.ts';
import type { OwnedPartition } from '../../drivers/event-log/event-log.ts';
import { type Commit, composeCommit } from '../lot/commit.ts';

export interface CommitterOptions {
  readonly world: World;
  readonly partition: OwnedPartition;
  readonly metadataBytes: number;
  readonly signal: AbortSignal;
  readonly gather: () => Commit;
  /** Durable; `bytes` of its metadata. */
  readonly committed: (commit: Commit, bytes: number) => void;
  readonly trouble: (error: unknown) => void;
}

/** After a commit whose outcome is not known: so long it may still arrive, and overwrite what was committed since. */
const REPEAT_MS = 60_000;

export class Committer {
  readonly #options: CommitterOptions;
  #last = '';
  #repeatUntil = 0;
  #under: Promise<void> | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Never rejects: what could not be committed is committed the next time. One at a time. */
  commit(): Promise<void> {
    this.#under ??= this.#commit().finally(() => {
      this.#under = undefined;
    });
    return this.#under;
  }

  /** What is done now, not what was when a commit under way began. */
  async commitLast(): Promise<void> {
    await this.#under;
    await this.commit();
  }

  async #commit(): Promise<void> {
    const { world, partition, metadataBytes, signal, gather, committed, trouble } = this.#options;
    if (signal.aborted) return;
    const commit = gather();
    const { position } = composeCommit(commit, metadataBytes);
    const text = `${position.offset} ${position.metadata}`;
    const now = world.monotonic();
    if (text === this.#last && now > this.#repeatUntil) return;
    try {
      await partition.commit(position);
      this.#last = text;
      committed(commit, position.metadata.length);
    } catch (error) {
      if (signal.aborted) return;
      this.#repeatUntil = now + REPEAT_MS;
      trouble(error);
    }
  }
}

// Commits positions of a group, in the order in which they were given: one request under way, and
// all that waits for it goes with the next.
import type { Position } from '../../event-log.ts';

interface Waiting {
  readonly position: Position;
  readonly done: (() => void)[];
  readonly failed: ((error: unknown) => void)[];
}

export class CommitQueue {
  readonly #commit: (positions: ReadonlyMap<number, Position>) => Promise<void>;
  #waiting = new Map<number, Waiting>();
  #isUnderWay = false;

  constructor(commit: (positions: ReadonlyMap<number, Position>) => Promise<void>) {
    this.#commit = commit;
  }

  /** A later position of the same partition goes in place of one that waits. */
  add(partition: number, position: Position): Promise<void> {
    return new Promise((resolve, reject) => {
      const former = this.#waiting.get(partition);
      this.#waiting.set(partition, {
        position,
        done: [...(former?.done ?? []), resolve],
        failed: [...(former?.failed ?? []), reject],
      });
      if (!this.#isUnderWay) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isUnderWay = true;
    // Commits that arrive in this turn of the loop go along.
    await undefined;
    while (this.#waiting.size > 0) {
      const batch = this.#waiting;
      this.#waiting = new Map();
      try {
        await this.#commit(new Map([...batch].map(([partition, { position }]) => [partition, position])));
        for (const { done } of batch.values()) for (const resolve of done) resolve();
      } catch (error) {
        for (const { failed } of batch.values()) for (const reject of failed) reject(error);
      }
    }
    this.#isUnderWay = false;
  }
}

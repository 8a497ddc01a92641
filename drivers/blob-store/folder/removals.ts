// Removes contents that are no longer in force, except while somebody holds removals back.
import type { Files } from './files.ts';
import type { FolderRequests } from './requests.ts';

export class Removals {
  readonly #files: Files;
  readonly #requests: FolderRequests;
  /** How many hold removals back. */
  #holds = 0;
  #delayed: (readonly [key: string, stamp: string])[] = [];

  constructor(files: Files, requests: FolderRequests) {
    this.#files = files;
    this.#requests = requests;
  }

  /** From now on until the answer is called no content is removed. */
  hold(): () => void {
    this.#holds++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds--;
      if (this.#holds > 0) return;
      const delayed = this.#delayed;
      this.#delayed = [];
      for (const [key, stamp] of delayed) void this.discard(key, stamp);
    };
  }

  async discard(key: string, stamp: string): Promise<void> {
    if (this.#holds > 0) {
      this.#delayed.push([key, stamp]);
      return;
    }
    try {
      await this.#files.remove(key, stamp);
      await this.#requests.cleaned([stamp]);
    } catch {} // The database remembers it as garbage; the next opening removes it.
  }
}

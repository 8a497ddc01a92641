// Keeps what a round of looking has found. A thing that is the same as in the round before is the
// same object, so nobody has to read two rounds to compare them.
import type { Changed } from './change.ts';
import { type Found, isSameFor, keyOf, type Restricted } from './live-state.ts';

export class KeptFinds {
  #before = new Map<string, Found>();
  #now = new Map<string, Found>();
  #isSame = true;

  find(one: Changed, restricted?: Restricted): Found {
    const key = keyOf(one);
    const text = JSON.stringify(one);
    const known = this.#before.get(key);
    if (known?.text === text && isSameFor(known.restricted, restricted)) {
      this.#now.set(key, known);
      return known;
    }
    const { what, kind, namespace, name } = one;
    const found: Found = { what, kind, namespace, name, text, restricted };
    this.#isSame = false;
    this.#now.set(key, found);
    return found;
  }

  /** Ends a round, and says whether it found what the round before has found. */
  round(): boolean {
    const isSame = this.#isSame && this.#now.size === this.#before.size;
    this.#before = this.#now;
    this.#now = new Map();
    this.#isSame = true;
    return isSame;
  }
}

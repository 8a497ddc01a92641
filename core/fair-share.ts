// An amount that parties share, such as memory: whatever one of them takes, room for the others
// remains.

/** A party may have so many times what is free. One alone can take three quarters of all. */
const OF_FREE = 3;

/**
 * Dynamic thresholds, as switches have them for the memory that their ports share (Choudhury and
 * Hahne, "Dynamic queue length thresholds", 1998).
 */
export class FairShare {
  readonly #most: number;
  readonly #parties = new Map<string, number>();
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** By all parties. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes `amount` for the party; false where its share does not allow that. When nothing is taken,
   * the party gets any amount: callers check how much one may be.
   */
  take(party: string, amount: number): boolean {
    const own = (this.#parties.get(party) ?? 0) + amount;
    const taken = this.#taken + amount;
    if (this.#taken > 0 && own > OF_FREE * (this.#most - taken)) return false;
    this.#parties.set(party, own);
    this.#taken = taken;
    return true;
  }

  give(party: string, amount: number): void {
    const own = (this.#parties.get(party) ?? 0) - amount;
    if (own > 0) this.#parties.set(party, own);
    else this.#parties.delete(party);
    this.#taken -= amount;
  }
}

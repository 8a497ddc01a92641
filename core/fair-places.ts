// Places that parties share. They take turns for them, and each party has a bound, so that places
// remain for the others.
import { TenfoldError } from './errors.ts';
import { FairQueue, type Place } from './fair-queue.ts';
import type { World } from './world.ts';

export interface FairPlacesOptions {
  readonly world: Pick<World, 'after'>;
  readonly places: number;
  /** Most claims of one party that may wait; one more is refused. */
  readonly waiting: number;
  /** Longest time that a claim waits, milliseconds; then it is refused. */
  readonly waitMs: number;
  /** Name of the work that takes places, for messages: `queries`. */
  readonly what: string;
}

interface Claim {
  /** Place in the queue; undefined while its party is at its bound. */
  place: Place<Claim> | undefined;
  readonly party: Party;
  begin(): void;
}

interface Party {
  readonly name: string;
  /** Places that it has. */
  taken: number;
  /** Claims of the party that are not in the queue yet. */
  held: Claim[];
}

export class FairPlaces {
  readonly #options: FairPlacesOptions;
  readonly #queue = new FairQueue<Claim>();
  readonly #parties = new Map<string, Party>();
  #taken = 0;

  constructor(options: FairPlacesOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the function that gives the place back; call it once. `most`: places that the
   * party may have. Rejects with `overloaded` where too many claims of the party wait or this one
   * has waited too long, and with the signal's reason.
   */
  async take(name: string, most: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const party = this.#parties.get(name) ?? { name, taken: 0, held: [] };
    const { world, waiting, waitMs, what } = this.#options;
    if (party.held.length + this.#queue.countOf(name) >= waiting) {
      const message = `${waiting} ${what} of ${name} wait already. Try again when one of them is done.`;
      throw new TenfoldError('overloaded', message, { retryAfterSeconds: 2 });
    }
    this.#parties.set(name, party);
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        limit.cancel();
        signal.removeEventListener('abort', onAbort);
        party.held = party.held.filter(other => other !== claim);
        if (claim.place) this.#queue.leave(claim.place);
        reject(reason);
        this.#goOn(party, most);
      };
      const onAbort = () => leave(signal.reason);
      const limit = world.after(waitMs, () => leave(this.#tooLong()));
      const claim: Claim = {
        party,
        place: undefined,
        begin: () => {
          limit.cancel();
          signal.removeEventListener('abort', onAbort);
          resolve(() => {
            this.#taken--;
            party.taken--;
            this.#goOn(party, most);
          });
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      party.held.push(claim);
      this.#goOn(party, most);
    });
  }

  #tooLong(): TenfoldError {
    const { waitMs, what } = this.#options;
    const message = `It waited ${waitMs / 1000} s behind other ${what}. Try again when they are done.`;
    return new TenfoldError('overloaded', message, { retryAfterSeconds: 2 });
  }

  /**
   * Queues the claims of the party that are within its bound, and begins those that get a place.
   */
  #goOn(party: Party, most: number): void {
    while (party.held.length > 0 && party.taken + this.#queue.countOf(party.name) < most) {
      const claim = party.held.shift();
      if (claim) claim.place = this.#queue.push(party.name, claim);
    }
    while (this.#taken < this.#options.places) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#taken++;
      next.party.taken++;
      next.begin();
    }
    const { name } = party;
    if (party.taken + party.held.length + this.#queue.countOf(name) === 0) this.#parties.delete(name);
  }
}

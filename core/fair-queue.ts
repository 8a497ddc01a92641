// A queue in which parties take turns: each has its turn once a round, however many of it wait;
// within a party the first comes first.

/** A place in the queue; whoever holds it can leave. */
export interface Place<T> {
  readonly value: T;
  readonly party: Party<T>;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  waits: boolean;
}

/** The waiting entries of one party, and its neighbours in the round. */
interface Party<T> {
  readonly name: string;
  count: number;
  first: Place<T> | undefined;
  last: Place<T> | undefined;
  before: Party<T> | undefined;
  after: Party<T> | undefined;
}

/**
 * Round robin (Nagle, RFC 970). All steps take constant time, and a party costs memory only while
 * some of it waits. One that comes has its first turn after one of each that waits already: so
 * nobody gains by leaving and coming again.
 */
export class FairQueue<T> {
  readonly #parties = new Map<string, Party<T>>();
  /** The party whose turn is next. */
  #first: Party<T> | undefined;
  #last: Party<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many of the party wait. */
  countOf(party: string): number {
    return this.#parties.get(party)?.count ?? 0;
  }

  push(party: string, value: T): Place<T> {
    const owner = this.#partyOf(party);
    const place: Place<T> = { value, party: owner, before: owner.last, after: undefined, waits: true };
    if (owner.last) owner.last.after = place;
    else owner.first = place;
    owner.last = place;
    owner.count++;
    this.#length++;
    return place;
  }

  /** Who is next. */
  peek(): T | undefined {
    return this.#first?.first?.value;
  }

  /** Takes the next entry; then it is the turn of another party. */
  shift(): T | undefined {
    const party = this.#first;
    const place = party?.first;
    if (party === undefined || place === undefined) return undefined;
    this.leave(place);
    if (party.count > 0 && party !== this.#last) {
      this.#unlink(party);
      this.#link(party);
    }
    return place.value;
  }

  /** Whether it still waited. */
  leave(place: Place<T>): boolean {
    if (!place.waits) return false;
    place.waits = false;
    const { party, before, after } = place;
    if (before) before.after = after;
    else party.first = after;
    if (after) after.before = before;
    else party.last = before;
    party.count--;
    this.#length--;
    if (party.count === 0) {
      this.#parties.delete(party.name);
      this.#unlink(party);
    }
    return true;
  }

  /** The entry of the party that came last. */
  newestOf(party: string): Place<T> | undefined {
    return this.#parties.get(party)?.last;
  }

  #partyOf(name: string): Party<T> {
    const known = this.#parties.get(name);
    if (known) return known;
    const party: Party<T> = {
      name,
      count: 0,
      first: undefined,
      last: undefined,
      before: undefined,
      after: undefined,
    };
    this.#parties.set(name, party);
    this.#link(party);
    return party;
  }

  #link(party: Party<T>): void {
    party.before = this.#last;
    party.after = undefined;
    if (this.#last) this.#last.after = party;
    else this.#first = party;
    this.#last = party;
  }

  #unlink(party: Party<T>): void {
    const { before, after } = party;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
  }
}

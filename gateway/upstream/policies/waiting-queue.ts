// The queue for the limits of a function: the most urgent calls go first; among equals, parties
// take turns.
import { FairQueue, type Place } from '../../../core/fair-queue.ts';

export interface Waiting {
  /** 0 to 9, the highest first. Without it `DEFAULT_PRIORITY`. */
  readonly priority?: number | undefined;
  /** Whose it is. All without one are of one party. */
  readonly party?: string | undefined;
}

/** Priority of requests, which have none, and of queues and subscriptions without one. */
const DEFAULT_PRIORITY = 5;
const LEVELS = 10;
const NOBODY = '';

export interface Seat<T> {
  readonly level: Level<T>;
  readonly place: Place<T>;
}

interface Level<T> {
  readonly line: FairQueue<T>;
  /** Parties by how many of each wait, to find the greediest at once, however many there are. */
  readonly byCount: Map<number, Set<string>>;
  most: number;
}

export class WaitingQueue<T extends Waiting> {
  /** The most urgent first. */
  readonly #levels = Array.from(
    { length: LEVELS },
    (): Level<T> => ({ line: new FairQueue(), byCount: new Map(), most: 0 }),
  );
  #length = 0;

  get length(): number {
    return this.#length;
  }

  enter(waiting: T): Seat<T> {
    const level = this.#levelOf(waiting);
    const party = waiting.party ?? NOBODY;
    const place = level.line.push(party, waiting);
    this.#length++;
    recount(level, party, 1);
    return { level, place };
  }

  /** The call whose turn is next. */
  peek(): T | undefined {
    for (const { line } of this.#levels) if (line.length > 0) return line.peek();
    return undefined;
  }

  /** Takes the next call. */
  take(): T | undefined {
    const level = this.#levels.find(({ line }) => line.length > 0);
    const taken = level?.line.shift();
    if (level === undefined || taken === undefined) return undefined;
    this.#length--;
    recount(level, taken.party ?? NOBODY, -1);
    return taken;
  }

  /** Whether it still waited. */
  leave({ level, place }: Seat<T>): boolean {
    if (!level.line.leave(place)) return false;
    this.#length--;
    recount(level, place.value.party ?? NOBODY, -1);
    return true;
  }

  /**
   * The call that makes room in a full queue: the newest of the party that has the most there, and
   * more than `waiting` would have with it. A more urgent call is never chosen. Undefined: nobody
   * does.
   */
  whoYieldsTo(waiting: Waiting): Seat<T> | undefined {
    const party = waiting.party ?? NOBODY;
    const own = this.#levels.indexOf(this.#levelOf(waiting));
    let greediest: Level<T> | undefined;
    for (const level of this.#levels.slice(own)) if (level.most > (greediest?.most ?? 0)) greediest = level;
    if (greediest === undefined || greediest.most <= (this.#levels[own]?.line.countOf(party) ?? 0) + 1)
      return undefined;
    for (const name of greediest.byCount.get(greediest.most) ?? []) {
      const place = name === party ? undefined : greediest.line.newestOf(name);
      if (place) return { level: greediest, place };
    }
    return undefined;
  }

  #levelOf({ priority = DEFAULT_PRIORITY }: Waiting): Level<T> {
    const level = this.#levels[LEVELS - 1 - Math.min(Math.max(Math.trunc(priority), 0), LEVELS - 1)];
    if (level) return level;
    throw new RangeError(`no level for the priority ${priority}`);
  }
}

/** After one more, or one less, of the party waits. */
function recount<T>(level: Level<T>, party: string, change: 1 | -1): void {
  const { byCount, line } = level;
  const now = line.countOf(party);
  const before = byCount.get(now - change);
  before?.delete(party);
  if (before?.size === 0) byCount.delete(now - change);
  if (now > 0) {
    const equals = byCount.get(now);
    if (equals) equals.add(party);
    else byCount.set(now, new Set([party]));
  }
  if (now > level.most) level.most = now;
  // By one at most: the party that had the most has one less now.
  else if (!byCount.has(level.most)) level.most = now;
}

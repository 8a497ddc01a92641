// Answers of Views that are served again: within a bound of bytes, each made once at a time however
// many ask, and dropped when their key changes.
import { shortened } from '../../core/retry/backoff.ts';
import type { World } from '../../core/world.ts';
import type { ViewFreshness } from './view-positions.ts';

export interface ViewAnswer {
  readonly body: Buffer;
  /** When it was made. */
  readonly freshness: ViewFreshness;
}

export interface AnswerName {
  /** Version of the layout: another for each definition of a View. */
  readonly group: string;
  /** The one row, member, owner or document that is asked for. */
  readonly key: string | undefined;
  /** All of the question. */
  readonly question: string;
}

export interface AnswerTimes {
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  /** The part by which each lifetime may differ. */
  readonly jitter: number;
}

export interface AnswerCache {
  /** One that is kept and fresh. */
  fresh(name: AnswerName): ViewAnswer | undefined;
  /** One that is kept, or what `make` makes. While an old answer is served, a new one is made. */
  ask(name: AnswerName, times: AnswerTimes, make: () => Promise<ViewAnswer>): Promise<ViewAnswer>;
  /**
   * Makes it in any case, for a reader that has waited for an event; the next reader gets it, too.
   */
  renew(name: AnswerName, times: AnswerTimes, make: () => Promise<ViewAnswer>): Promise<ViewAnswer>;
  changed(group: string, keys: readonly string[]): void;
  readonly bytes: number;
}

interface Kept {
  readonly answer: ViewAnswer;
  readonly subject: string | undefined;
  readonly bytes: number;
  readonly freshUntil: number;
  readonly usableUntil: number;
}

interface Flight {
  readonly answer: Promise<ViewAnswer>;
  /** Its key has changed since it began. */
  isOld: boolean;
}

/** Bytes of an entry beside its texts. */
const OVERHEAD = 400;

/**
 * `keeps`: told of each group of which answers about one key are made, and for
 * how long they may be served.
 */
export function createAnswerCache(
  world: Pick<World, 'monotonic' | 'random'>,
  maxBytes: number,
  keeps?: (group: string, forMs: number) => void,
): AnswerCache {
  return new BoundedAnswers(world, maxBytes, keeps);
}

class BoundedAnswers implements AnswerCache {
  readonly #world: Pick<World, 'monotonic' | 'random'>;
  readonly #maxBytes: number;
  readonly #keeps: ((group: string, forMs: number) => void) | undefined;
  /** Used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  readonly #flights = new Map<string, Flight>();
  /** Names of answers that are stored or being made, by group and key. */
  readonly #subjects = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(
    world: Pick<World, 'monotonic' | 'random'>,
    maxBytes: number,
    keeps: ((group: string, forMs: number) => void) | undefined,
  ) {
    this.#world = world;
    this.#maxBytes = maxBytes;
    this.#keeps = keeps;
  }

  get bytes(): number {
    return this.#bytes;
  }

  fresh(name: AnswerName): ViewAnswer | undefined {
    const id = idOf(name);
    const entry = this.#kept.get(id);
    if (entry === undefined || this.#world.monotonic() >= entry.freshUntil) return undefined;
    this.#use(id, entry);
    return entry.answer;
  }

  async ask(name: AnswerName, times: AnswerTimes, make: () => Promise<ViewAnswer>): Promise<ViewAnswer> {
    const id = idOf(name);
    const entry = this.#kept.get(id);
    const now = this.#world.monotonic();
    const flight = this.#flights.get(id);
    if (entry !== undefined && now < entry.usableUntil) {
      this.#use(id, entry);
      // The next caller will see whether that has failed.
      if (now >= entry.freshUntil && (flight === undefined || flight.isOld))
        this.renew(name, times, make).catch(() => {});
      return entry.answer;
    }
    return flight === undefined || flight.isOld ? this.renew(name, times, make) : flight.answer;
  }

  renew(name: AnswerName, times: AnswerTimes, make: () => Promise<ViewAnswer>): Promise<ViewAnswer> {
    const [id, subject] = [idOf(name), subjectOf(name)];
    // Before anything is read.
    if (subject !== undefined) this.#keeps?.(name.group, times.ttl + times.staleWhileRevalidate);
    const flight: Flight = {
      isOld: false,
      answer: make().then(
        answer => {
          this.#land(id, subject, flight);
          if (!flight.isOld) this.#keep(id, subject, times, answer);
          return answer;
        },
        error => {
          this.#land(id, subject, flight);
          throw error;
        },
      ),
    };
    this.#flights.set(id, flight);
    this.#list(subject, id);
    return flight.answer;
  }

  changed(group: string, keys: readonly string[]): void {
    if (this.#subjects.size === 0) return;
    for (const key of keys) {
      for (const id of [...(this.#subjects.get(subjectText(group, key)) ?? [])]) {
        const flight = this.#flights.get(id);
        if (flight) flight.isOld = true;
        this.#forget(id);
      }
    }
  }

  /** Ends a flight; another may have begun in its place. */
  #land(id: string, subject: string | undefined, flight: Flight): void {
    if (this.#flights.get(id) === flight) this.#flights.delete(id);
    if (!this.#kept.has(id) && !this.#flights.has(id)) this.#unlist(subject, id);
  }

  #keep(id: string, subject: string | undefined, times: AnswerTimes, answer: ViewAnswer): void {
    this.#forget(id);
    const bytes = answer.body.length + 4 * id.length + OVERHEAD;
    if (bytes > this.#maxBytes) return;
    const freshUntil = this.#world.monotonic() + shortened(times.ttl, times.jitter, this.#world.random());
    const usableUntil = freshUntil + times.staleWhileRevalidate;
    this.#kept.set(id, { answer, subject, bytes, freshUntil, usableUntil });
    this.#list(subject, id);
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const entry = this.#kept.get(id);
    if (entry === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= entry.bytes;
    if (!this.#flights.has(id)) this.#unlist(entry.subject, id);
  }

  #use(id: string, entry: Kept): void {
    this.#kept.delete(id);
    this.#kept.set(id, entry);
  }

  #list(subject: string | undefined, id: string): void {
    if (subject === undefined) return;
    const known = this.#subjects.get(subject);
    if (known) known.add(id);
    else this.#subjects.set(subject, new Set([id]));
  }

  #unlist(subject: string | undefined, id: string): void {
    if (subject === undefined) return;
    const known = this.#subjects.get(subject);
    known?.delete(id);
    if (known?.size === 0) this.#subjects.delete(subject);
  }
}

function idOf({ group, question }: AnswerName): string {
  return `${group}\n${question}`;
}

function subjectOf({ group, key }: AnswerName): string | undefined {
  return key === undefined ? undefined : subjectText(group, key);
}

function subjectText(group: string, key: string): string {
  return `${group}\n${key}`;
}

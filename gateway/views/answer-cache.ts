// Answers of Views that are served again: within a bound of bytes, each made once at a time however many ask, and dropped when their key changes.
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

/** `keeps`: told of each group of which answers about one key are made, and for how long they may be served. */
export function createAnswerCache(
  world: Pick<World, 'monotonic' | 'random'>,
  maxBytes: number,
  keeps?: (group: string, forMs: number) => void,
): AnswerCache {
  /** Used longest ago first. */
  const kept = new Map<string, Kept>();
  /** Names of answers that are stored or being made, by group and key. */
  const subjects = new Map<string, Set<string>>();
  const flights = new Map<string, Flight>();
  let bytes = 0;

  const forget = (id: string) => {
    const entry = kept.get(id);
    if (entry === undefined) return;
    kept.delete(id);
    bytes -= entry.bytes;
    if (!flights.has(id)) unlist(subjects, entry.subject, id);
  };

  const keep = (id: string, subject: string | undefined, times: AnswerTimes, answer: ViewAnswer) => {
    forget(id);
    const size = answer.body.length + 4 * id.length + OVERHEAD;
    if (size > maxBytes) return;
    const freshUntil = world.monotonic() + shortened(times.ttl, times.jitter, world.random());
    const usableUntil = freshUntil + times.staleWhileRevalidate;
    kept.set(id, { answer, subject, bytes: size, freshUntil, usableUntil });
    list(subjects, subject, id);
    bytes += size;
    for (const oldest of kept.keys()) {
      if (bytes <= maxBytes) break;
      forget(oldest);
    }
  };

  const fly = (name: AnswerName, times: AnswerTimes, make: () => Promise<ViewAnswer>): Promise<ViewAnswer> => {
    const [id, subject] = [idOf(name), subjectOf(name)];
    // Before anything is read.
    if (subject !== undefined) keeps?.(name.group, times.ttl + times.staleWhileRevalidate);
    const flight: Flight = {
      isOld: false,
      answer: make().then(
        answer => {
          end();
          if (!flight.isOld) keep(id, subject, times, answer);
          return answer;
        },
        error => {
          end();
          throw error;
        },
      ),
    };
    const end = () => {
      if (flights.get(id) === flight) flights.delete(id);
      if (!kept.has(id) && !flights.has(id)) unlist(subjects, subject, id);
    };
    flights.set(id, flight);
    list(subjects, subject, id);
    return flight.answer;
  };

  const use = (id: string, entry: Kept) => {
    kept.delete(id);
    kept.set(id, entry);
  };

  return {
    fresh(name) {
      const id = idOf(name);
      const entry = kept.get(id);
      if (entry === undefined || world.monotonic() >= entry.freshUntil) return undefined;
      use(id, entry);
      return entry.answer;
    },
    async ask(name, times, make) {
      const id = idOf(name);
      const entry = kept.get(id);
      const now = world.monotonic();
      const flight = flights.get(id);
      if (entry !== undefined && now < entry.usableUntil) {
        use(id, entry);
        // The next caller will see whether that has failed.
        if (now >= entry.freshUntil && (flight === undefined || flight.isOld)) fly(name, times, make).catch(() => {});
        return entry.answer;
      }
      return flight === undefined || flight.isOld ? fly(name, times, make) : flight.answer;
    },
    renew: fly,
    changed(group, keys) {
      if (subjects.size === 0) return;
      for (const key of keys) {
        for (const id of [...(subjects.get(subjectText(group, key)) ?? [])]) {
          const flight = flights.get(id);
          if (flight) flight.isOld = true;
          forget(id);
        }
      }
    },
    get bytes() {
      return bytes;
    },
  };
}

function list(subjects: Map<string, Set<string>>, subject: string | undefined, id: string): void {
  if (subject === undefined) return;
  const known = subjects.get(subject);
  if (known) known.add(id);
  else subjects.set(subject, new Set([id]));
}

function unlist(subjects: Map<string, Set<string>>, subject: string | undefined, id: string): void {
  if (subject === undefined) return;
  const known = subjects.get(subject);
  known?.delete(id);
  if (known?.size === 0) subjects.delete(subject);
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

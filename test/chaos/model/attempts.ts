// An event is tried so often as was asked for and no more, and dead letters are what was given up: all of it, and nothing else.
import type { Handler } from '../functions/work.ts';
import { ATTEMPTS } from '../site/application.ts';
import { type ChaosEvent, isPoison } from './event.ts';

export interface Attempts {
  readonly handler: Handler;
  /** Something is broken by which whoever has an attempt under way may lose what it knows of it. Answers with what to call when it is whole again. */
  disturbed(excuse?: Excuse): () => void;
  /** By the ids of what is in the topic, each so often as it is there: what was tried too often. */
  tooMany(appended: readonly string[]): readonly string[];
  /** By what is dead of that: what should not be, and what is missing. */
  differences(appended: readonly string[], dead: readonly string[]): readonly string[];
  /** Which part of what was tried no disturbance excuses, from 0 to 1. */
  strictShare(): number;
}

/** `lost`: a worker may forget any attempt, one that succeeded too. `repeated`: another may take over and try once more, and no success is forgotten. */
export type Excuse = 'lost' | 'repeated';

interface Tried {
  readonly isPoison: boolean;
  first: number;
  last: number;
  /** Failed attempts that count. */
  blamed: number;
  /** Attempts until now. */
  attempts: number;
  /** What the caller heard of the last one of those that have ended. */
  ended: { readonly attempt: number; readonly succeeded: boolean | 'perhaps' } | undefined;
}

/** After a fault others notice late that somebody is gone, and what they do then may be in vain, too. */
const AFTERMATH_MS = 20_000;

export function createAttempts(now: () => number): Attempts {
  const events = new Map<string, Tried>();
  const disturbances: { readonly from: number; until: number; readonly excuse: Excuse }[] = [];
  const disturbing = (first: number, last: number) =>
    disturbances.filter(({ from, until }) => from <= last && until + AFTERMATH_MS >= first);
  const allowed = ({ first, last }: Tried, copies: number) => copies * ATTEMPTS + disturbing(first, last).length;
  return {
    handler(body, id) {
      const event: ChaosEvent = JSON.parse(body);
      const tried = events.get(id) ?? {
        isPoison: isPoison(event),
        first: now(),
        last: 0,
        blamed: 0,
        attempts: 0,
        ended: undefined,
      };
      events.set(id, tried);
      tried.last = now();
      const attempt = ++tried.attempts;
      // One that goes on when its caller has given it up ends after the next one, and says nothing any more.
      const end = (succeeded: boolean | 'perhaps') => {
        if (tried.ended === undefined || tried.ended.attempt <= attempt) tried.ended = { attempt, succeeded };
      };
      return {
        ms: 2,
        fails: tried.isPoison,
        done(heard) {
          end(heard);
          return '';
        },
        doubted: () => end('perhaps'),
        failed(blames) {
          if (blames) tried.blamed++;
          end(false);
        },
      };
    },
    disturbed(excuse = 'lost') {
      const disturbance = { from: now(), until: Number.POSITIVE_INFINITY, excuse };
      disturbances.push(disturbance);
      return () => {
        disturbance.until = now();
      };
    },
    tooMany(appended) {
      return [...countOfEach(appended)].flatMap(([id, count]) => {
        const tried = events.get(id);
        if (!tried || tried.blamed <= ATTEMPTS || tried.blamed <= allowed(tried, count)) return [];
        return [`${id} failed ${tried.blamed} times, ${allowed(tried, count)} were allowed`];
      });
    },
    differences(appended, dead) {
      const listed = new Set(dead);
      const never = appended.filter(id => !events.has(id) && !listed.has(id)).map(id => `${id} was never tried`);
      // Who stands still hears of a success when its time is over; and one that was superseded may have tried once more. Of two copies one may be dead.
      const copies = countOfEach(appended);
      const both = [...listed].flatMap(id => {
        const tried = events.get(id);
        return tried?.ended?.succeeded === true &&
          copies.get(id) === 1 &&
          disturbing(tried.last, tried.last).every(({ excuse }) => excuse === 'repeated')
          ? [`${id} is dead, and was delivered`]
          : [];
      });
      const lost = appended
        .filter(id => events.get(id)?.ended?.succeeded === false && !listed.has(id))
        .map(id => `${id} was not delivered, and is not among the dead letters${detailOf(events.get(id))}`);
      return [...never, ...both, ...lost];
    },
    strictShare() {
      const strict = [...events.values()].filter(({ first, last }) => disturbing(first, last).length === 0);
      return strict.length / Math.max(events.size, 1);
    },
  };
}

/** So that it can be found beside what was broken. */
function detailOf(tried: Tried | undefined): string {
  if (!tried) return '';
  const { isPoison: fails, attempts, first, last } = tried;
  const seconds = [first, last].map(ms => (ms / 1000).toFixed(1)).join(' and ');
  return ` (attempts: ${attempts}${fails ? ', which fail' : ''}, between ${seconds} s)`;
}

function countOfEach(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

// Writes down each attempt at an event as the function sees it, and has it judged once the log and
// the dead letters are known.
import type { IncomingHttpHeaders } from 'node:http';
import { ATTEMPT_HEADER } from '../../../core/wire.ts';
import { judgeEnds } from '../../judge/ends.ts';
import { Judge } from '../../judge/judge.ts';
import { type Answered, type Judged, type JudgedCall, neverTried, type Perhaps } from '../../judge/judged.ts';
import type { Disturbances } from './disturbances.ts';

export interface Watch {
  /** `attempt`: which one it is, by what its caller says. */
  begins(id: string, attempt?: number): Watched;
  /**
   * By what is in the topic and what is dead: what was wrong with attempts,
   * and with how events ended.
   */
  judge(found: Found): Verdict;
  /** Which part of what was tried no disturbance excuses, from 0 to 1. */
  strictShare(): number;
}

export interface Found {
  /**
   * The events of each partition in the order of the log. What a publisher sent again
   * has an id of its own there.
   */
  readonly partitions: readonly (readonly Appended[])[];
  /** Ids of dead letters, and how many attempts they say there were. */
  readonly dead?: ReadonlyMap<string, number | undefined>;
}

export interface Appended {
  /** Of the event as the platform knows it. */
  readonly id: string;
  readonly key: string;
  /** For people. */
  readonly name: string;
}

export interface Verdict {
  readonly attempts: readonly string[];
  readonly ends: readonly string[];
  /** Of what was wrong with attempts: each with all that was seen of its event. */
  readonly sights: readonly string[];
}

/** One attempt. */
export interface Watched {
  done(heard: Perhaps): void;
  /** Its caller may not have heard of the answer. */
  doubted(): void;
  /** `blames`: its caller is to count it as an attempt. */
  failed(blames: boolean): void;
}

interface Seen {
  readonly id: string;
  readonly attempt: number | undefined;
  end: Answered | undefined;
}

interface Sight {
  readonly at: number;
  readonly seen: Seen;
  readonly ends: boolean;
}

export function createWatch(now: () => number, attempts: number, disturbances: Disturbances): Watch {
  const sights: Sight[] = [];
  return {
    begins(id, attempt) {
      const seen: Seen = { id, attempt, end: undefined };
      sights.push({ at: now(), seen, ends: false });
      const end = (answered: Answered) => {
        seen.end = answered;
        sights.push({ at: now(), seen, ends: true });
      };
      return {
        done: heard => end({ outcome: 'done', told: heard }),
        doubted() {
          if (seen.end?.told === true) seen.end = { ...seen.end, told: 'perhaps', counts: 'perhaps' };
        },
        failed: blames => end({ outcome: 'failed', told: blames, counts: blames }),
      };
    },
    judge: found => judge(sights, attempts, disturbances, found),
    strictShare() {
      const spans = new Map<string, { readonly first: number; readonly last: number }>();
      for (const { at, seen, ends } of sights)
        if (!ends) spans.set(seen.id, { first: spans.get(seen.id)?.first ?? at, last: at });
      const strict = [...spans.values()].filter(({ first, last }) => disturbances.between(first, last).length === 0);
      return strict.length / Math.max(spans.size, 1);
    },
  };
}

interface Tracked extends Judged {
  readonly id: string;
  copies: number;
  lastBegan: number;
}

function judge(
  sights: readonly Sight[],
  attempts: number,
  disturbances: Disturbances,
  { partitions, dead = new Map() }: Found,
): Verdict {
  const wrong = new Set<string>();
  const sightsOfWrong = new Set<string>();
  const events = new Map<string, Tracked>();
  let now = 0;
  let current = '';
  const eventOf = (id: string, name = id): Tracked => {
    const event = events.get(id) ?? { ...neverTried(), name, id, copies: 0, lastBegan: 0 };
    events.set(id, event);
    return event;
  };
  const judge = new Judge<Tracked>({
    attempts,
    // Some come to a function that is gone before it has read them.
    seesAll: false,
    witness: {
      isOver: event => event.attempts > 0 && dead.has(event.id),
      moment: () => now,
      takeOvers: (_, since) => disturbances.between(since, now).length,
      lives: ({ copies }) => Math.max(copies, 1),
    },
    report({ message }) {
      wrong.add(message);
      sightsOfWrong.add(`${message} at ${seconds(now)} s: ${sightsOf(sights, current)}`);
    },
  });
  for (const [partition, appended] of partitions.entries())
    for (const [place, { id, key, name }] of appended.entries()) {
      const event = eventOf(id, name);
      event.copies++;
      judge.appended(event, judge.laneOf(`${partition}/${key}`), place);
    }
  const calls = new Map<Seen, JudgedCall<Tracked>>();
  for (const { at, seen, ends } of sights) {
    now = at;
    current = seen.id;
    const event = eventOf(seen.id);
    const call = calls.get(seen);
    if (!ends) {
      event.lastBegan = at;
      calls.set(seen, judge.begins(event, { by: '', attempt: seen.attempt, waits: () => 'perhaps' }));
    } else if (call && seen.end) judge.ended(call, seen.end);
  }
  const known = [...events.values()].filter(({ copies }) => copies > 0);
  const ends = judgeEnds(known, {
    attempts,
    dead: ({ id }) => (dead.has(id) ? { attempts: dead.get(id) } : undefined),
    // Who stands still hears of a success when its time is over; and one that was superseded
    // may have tried once more.
    mayForget: ({ lastBegan }) => disturbances.between(lastBegan, lastBegan).includes('lost'),
    lives: ({ copies }) => copies,
    detail: ({ attempts: tried, first = 0, lastBegan }) =>
      ` (attempts: ${tried}, between ${seconds(first)} and ${seconds(lastBegan)} s)`,
  });
  return { attempts: [...wrong], ends, sights: [...sightsOfWrong] };
}

/** Each attempt at the event with when it began and how it ended, for people. */
function sightsOf(sights: readonly Sight[], id: string): string {
  const ofEvent = sights.filter(({ seen }) => seen.id === id);
  const lines = ofEvent.map(({ at, seen: { attempt, end }, ends }) => {
    const heard = end?.told === true ? '' : `, heard: ${end?.told ?? 'never'}`;
    return `${seconds(at)} s ${ends ? `${end?.outcome}${heard}` : `attempt ${attempt ?? 'unnumbered'}`}`;
  });
  return lines.join(', ');
}

/** Which one it is, by what its caller says. */
export function attemptOf(headers: IncomingHttpHeaders | undefined): number | undefined {
  const text = headers?.[ATTEMPT_HEADER];
  return text === undefined ? undefined : Number(text);
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

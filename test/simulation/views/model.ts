// What a View holds of a key, in plain words: the state after each event of it, as
// the endpoint would answer.
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { FEED_LIMIT, type Kind, type Variant, WINDOW_MS } from './definitions.ts';

/** What an event tells. */
export interface Told {
  readonly key: string;
  /** Counts the events of the key. */
  readonly n: number;
  readonly points: number;
  readonly entry: string;
  readonly all: 1;
  readonly [more: string]: unknown;
}

interface Happened {
  readonly type: string;
  readonly data: Told;
  /** When it was appended. */
  readonly at: number;
}

/** Texts of equal values are equal. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

export class KeyStates {
  readonly #kind: Kind;
  readonly #variant: Variant;
  readonly #states: (string | undefined)[] = [undefined];
  #state: unknown;

  constructor(kind: Kind, variant: Variant) {
    this.#kind = kind;
    this.#variant = variant;
  }

  /**
   * Before the first record and after each of them; undefined where there is nothing. Records are
   * only ever added to those of the last call.
   */
  of(records: readonly LogRecord[]): readonly (string | undefined)[] {
    for (const record of records.slice(this.#states.length - 1)) {
      const event = toHappened(record);
      if (!(this.#variant === 'second' && event.type === 'Odd')) this.#state = after(this.#kind, this.#state, event);
      this.#states.push(shown(this.#kind, this.#state));
    }
    return this.#states;
  }
}

/** Whether what the key has in a window could be this, at some time within these. */
export function fitsWindow(
  variant: Variant,
  records: readonly LogRecord[],
  answer: string | undefined,
  from: number,
  to: number,
): boolean {
  const sliceMs = WINDOW_MS / 60;
  const events = records.map(toHappened).filter(({ type }) => !(variant === 'second' && type === 'Odd'));
  const since = events.findLastIndex(({ type }) => type === 'Gone') + 1;
  for (let now = from; now < to + sliceMs; now += sliceMs) {
    const over = Math.floor((Math.min(now, to) - WINDOW_MS) / sliceMs) - 1;
    const counts = events.slice(since).filter(({ at }) => Math.floor(at / sliceMs) > over);
    const score = counts.reduce((sum, { data }) => sum + data.points, 0);
    const last = counts.at(-1);
    const state = last && textOf({ score, value: { n: last.data.n } });
    if (state === answer) return true;
  }
  return false;
}

function after(kind: Kind, state: unknown, { type, data, at }: Happened): unknown {
  const gone = type === 'Gone';
  if (kind === 'aggregate') return [...told(state), data];
  if (kind === 'feed') return afterEntry(state, gone, data, at);
  if (gone) return undefined;
  if (kind === 'table' || kind === 'search') return data;
  if (kind === 'state') return { total: (isCounted(state) ? state.total : 0) + data.points, n: data.n, all: 1 };
  if (kind === 'merge') return { ...Object(state), ...data };
  const before = isScored(state) ? state.score : undefined;
  const score = before === undefined || kind === 'last' ? data.points : combined(kind, before, data.points);
  return { score, value: { n: data.n } };
}

/** What a reader sees of the state. */
function shown(kind: Kind, state: unknown): string | undefined {
  if (kind !== 'aggregate') return state === undefined ? undefined : textOf(state);
  const events = told(state);
  if (events.length < 2) return undefined;
  const counts = Object.entries(Object.groupBy(events, ({ entry }) => entry)).map(([value, those = []]) => ({
    value,
    count: those.length,
  }));
  const entries = counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, 2);
  const points = events.reduce((sum, event) => sum + event.points, 0);
  return textOf({ events: events.length, points, n: events.at(-1)?.n, entries, all: 1 });
}

/** All events of the key, of which an aggregate is made. */
function told(state: unknown): Told[] {
  return Array.isArray(state) ? state : [];
}

function combined(kind: Kind, before: number, points: number): number {
  return kind === 'max' ? Math.max(before, points) : before + points;
}

interface Entry {
  readonly id: string;
  readonly time: string;
  readonly value: unknown;
}

function afterEntry(state: unknown, gone: boolean, data: Told, at: number): Entry[] | undefined {
  const others = (isFeed(state) ? state : []).filter(({ id }) => id !== data.entry);
  const entries = gone ? others : [...others, { id: data.entry, time: new Date(at).toISOString(), value: data }];
  const place = ({ id, time }: Entry) => `${time} ${id}`;
  const kept = entries.sort((a, b) => (place(a) < place(b) ? 1 : -1)).slice(0, FEED_LIMIT);
  return kept.length === 0 ? undefined : kept;
}

function isScored(state: unknown): state is { score: number } {
  return typeof state === 'object' && state !== null && 'score' in state;
}

function isCounted(state: unknown): state is { total: number } {
  return typeof state === 'object' && state !== null && 'total' in state;
}

function isFeed(state: unknown): state is Entry[] {
  return Array.isArray(state);
}

function toHappened(record: LogRecord): Happened {
  const { type, data } = fromRecord(record);
  return { type, data: Object(data), at: record.timestamp };
}

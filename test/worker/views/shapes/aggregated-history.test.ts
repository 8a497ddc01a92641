// Rows that add events up are what a plain model says, whoever folds them, how often, and whenever
// they are built anew.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VIEW_ROWS } from '../../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../../drivers/store/changes.ts';
import { SimulatedState } from '../../../simulation/store/simulated-state.ts';
import { keyedOf, recordOf, SCOPE, shapeOf, storeOf } from './aggregated.ts';

const HOUR_MS = 3_600_000;
const TTL_HOURS = 24;
const SPEC = {
  values: {
    n: 'count()',
    sum: 'sum(event.data.x)',
    mean: 'avg(event.data.x)',
    least: 'min(event.data.x)',
    last: 'last(event.data.x)',
    kinds: 'distinct(event.data.tag)',
    tags: 'top(event.data.tag, 2)',
    half: 'percentile(event.data.x, 50)',
  },
  having: '${row.n > 1}',
  ttl: `${TTL_HOURS}h`,
};

interface Happened {
  readonly id: string;
  readonly x: number;
  readonly tag: string;
  /** Hours since the event before it. */
  readonly pause: number;
}

/** What one of two owners does, who do not know of each other. */
interface Act {
  readonly owner: 0 | 1;
  readonly deed: 'read' | 'write' | 'die';
  /** Events that it reads. */
  readonly size: number;
}

interface History {
  readonly events: readonly Happened[];
  readonly acts: readonly Act[];
  /** Hours from the last event until it is looked at. */
  readonly later: number;
}

const history: fc.Arbitrary<History> = fc.record({
  events: fc.array(
    fc.record<Happened>({
      id: fc.constantFrom('a', 'b', 'c'),
      x: fc.integer({ min: -50, max: 50 }),
      tag: fc.constantFrom('p', 'q', 'r', 's'),
      pause: fc.nat(TTL_HOURS / 2 + 3),
    }),
    { maxLength: 25 },
  ),
  acts: fc.array(
    fc.record<Act>({
      owner: fc.constantFrom(0, 1),
      deed: fc.constantFrom('read', 'write', 'write', 'die'),
      size: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  later: fc.nat(40),
});

const folded = shapeOf(SPEC);

/** A process that folds: it reads from its position, and writes where nobody was faster. */
class Owner {
  #position: number | undefined;
  #made: { readonly changes: readonly Change[]; readonly upTo: number } | undefined;
  readonly #state: SimulatedState;

  constructor(state: SimulatedState) {
    this.#state = state;
    this.load();
  }

  get isIdle(): boolean {
    return this.#made === undefined;
  }

  /** As after a start: what was read and not written comes again. */
  load(): void {
    this.#position = this.#state.position(SCOPE, 'view', 0);
    this.#made = undefined;
  }

  async read(records: readonly LogRecord[], size: number, now: number): Promise<void> {
    const from = this.#position ?? 0;
    const upTo = Math.min(from + size, records.length);
    if (this.#made || upTo <= from) return;
    const keyed = keyedOf(folded, records.slice(from, upTo));
    this.#made = {
      changes: await folded.toChanges(
        keyed,
        SCOPE,
        storeOf(this.#state, () => now),
      ),
      upTo,
    };
  }

  write(): void {
    if (this.#made === undefined) return;
    const { changes, upTo } = this.#made;
    const fence = { consumer: 'view', partition: 0, after: this.#position, upTo };
    if (this.#state.apply(SCOPE, changes, fence).applied) {
      this.#position = upTo;
      this.#made = undefined;
    } else this.load();
  }

  async finish(records: readonly LogRecord[], now: number): Promise<void> {
    this.load();
    for (let left = records.length; left >= 0; left--) {
      await this.read(records, 3, now);
      this.write();
    }
  }
}

async function followed({ events, acts, later }: History): Promise<void> {
  let hours = 0;
  const records = events.map(({ pause, ...data }, offset) => {
    hours += pause;
    // No two moments that matter are the same.
    return { ...recordOf(data, offset), timestamp: hours * HOUR_MS + offset * 61_000 };
  });
  const end = (records.at(-1)?.timestamp ?? 0) + later * HOUR_MS + 30_500;
  let now = 0;
  const live = new SimulatedState(() => now);
  const owners = [new Owner(live), new Owner(live)] as const;
  const there = () => records.filter(({ timestamp }) => timestamp <= now);
  for (let turn = 0; now < end; turn++) {
    const { owner, deed, size } = acts[turn % acts.length] ?? assert.fail('There is no act.');
    if (deed === 'die') owners[owner].load();
    else if (deed === 'write') owners[owner].write();
    else await owners[owner].read(there(), size, now);
    // No event waits for a day.
    if (turn % 8 === 7) {
      await owners[0].finish(there(), now);
      owners[1].load();
    }
    // A step takes no hours.
    if (owners.every(({ isIdle }) => isIdle)) now = Math.min(end, now + 2 * HOUR_MS);
  }
  await owners[0].finish(records, now);
  const anew = new SimulatedState(() => now);
  await new Owner(anew).finish(records, now);
  for (let hour = 0; hour <= 2 * TTL_HOURS; hour += 5) {
    now = end + hour * HOUR_MS;
    const expected = plainRows(records, now);
    const shown = (state: SimulatedState) =>
      Object.fromEntries(state.rowsOf(SCOPE, VIEW_ROWS).map(([key, text]) => [key, JSON.parse(text)]));
    assert.deepEqual(shown(live), expected, `live, after ${hour} hours`);
    assert.deepEqual(shown(anew), expected, `built anew, after ${hour} hours`);
  }
}

/** The rows in plain words: nothing of positions, batches or stored state. */
function plainRows(records: readonly LogRecord[], now: number): Record<string, unknown> {
  const ttlMs = TTL_HOURS * HOUR_MS;
  const rows: Record<string, unknown> = {};
  const byKey = Object.groupBy(
    records.map(({ value, timestamp }) => ({ ...JSON.parse(Buffer.from(value).toString()), at: timestamp })),
    ({ id }) => id,
  );
  for (const [key, all = []] of Object.entries(byKey)) {
    const begins = all.findLastIndex(({ at }, index) => index === 0 || at - all[index - 1].at > ttlMs);
    const those = all.slice(begins);
    const newest = those.at(-1);
    if (those.length < 2 || newest.at + ttlMs <= now) continue;
    const xs: number[] = those.map(({ x }) => x);
    const sum = xs.reduce((total, x) => total + x, 0);
    const counts = Object.entries(Object.groupBy(those, ({ tag }) => tag)).map(([value, tags = []]) => ({
      value,
      count: tags.length,
    }));
    rows[key] = {
      n: those.length,
      sum,
      mean: sum / xs.length,
      least: Math.min(...xs),
      last: newest.x,
      kinds: counts.length,
      tags: counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, 2),
      half: xs.toSorted((a, b) => a - b)[Math.ceil(xs.length / 2) - 1],
    };
  }
  return rows;
}

describe('rows that add events up', () => {
  it('are what the events say, whoever folds them how often, and built anew', () =>
    fc.assert(fc.asyncProperty(history, followed), { numRuns: 300 }));
});

// What somebody who owns no partition reads of a parking log: the same as an owner, from the log
// alone, and never a part of it in silence.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TenfoldError } from '../../../core/errors.ts';
import type { ParkingLogEntry } from '../../../worker/parking-log/fold-parking-log.ts';
import { parkedLanesOf } from '../../../worker/parking-log/parked-lanes.ts';
import { openParkedReaders, type ParkedReader } from '../../../worker/parking-log/parked-reader.ts';
import type { OwnersRecord } from '../../../worker/parking-log/parking-log-record.ts';
import { Begin, park } from './begin.ts';

const NAME = { group: 'g', topic: 't', parkingLog: 'parking-log' };

async function readerOf(begin: Begin, most?: number): Promise<ParkedReader> {
  const [reader] = await begin.simulation.drive(openParkedReaders(begin.log, NAME, most));
  assert.ok(reader);
  return reader;
}

async function read(begin: Begin, reader?: ParkedReader): Promise<ParkingLogEntry[]> {
  const state = await begin.simulation.drive((reader ?? (await readerOf(begin))).read());
  return [...state.entries.values()];
}

/** Events with their attempts. */
const told = (entries: readonly ParkingLogEntry[]) => entries.map(({ event, attempts }) => `${event}:${attempts}`);

/** What an owner does next. `turn`: a new owner claims, and the former one may write once more. */
type Act =
  | { readonly act: 'park' | 'retry' | 'done' | 'dead'; readonly event: number }
  | { readonly act: 'turn' | 'late' | 'twice' | 'commit' | 'trim' };

const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constantFrom('park', 'retry', 'done', 'dead'), event: fc.nat(7) }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('turn', 'late', 'twice', 'commit', 'trim') }) },
  ) as fc.Arbitrary<Act>,
  { maxLength: 60 },
);

/** An owner that keeps in a map what it wrote and counts: the model. */
class Owner {
  readonly begin: Begin;
  readonly attempts = new Map<number, number>();
  readonly #places = new Map<number, { readonly offset: number; readonly seq: number; readonly claim: number }>();
  #claim: number;
  #formerClaim = -1;
  #seq = 1;
  #last: OwnersRecord | undefined;

  constructor(begin: Begin) {
    this.begin = begin;
    this.#claim = begin.claim();
  }

  take(act: Act): void {
    if ('event' in act) this.#step(act.act, act.event);
    else if (act.act === 'turn') {
      this.#formerClaim = this.#claim;
      this.#claim = this.begin.claim('next');
      this.#seq = 1;
      this.#last = undefined;
    } else if (act.act === 'late') {
      // A former owner that does not know yet that it is one.
      if (this.#formerClaim >= 0) this.begin.write({ ...park(5, 90), claim: this.#formerClaim, seq: 1 });
    } else if (act.act === 'twice') {
      if (this.#last) this.begin.write({ ...this.#last, claim: this.#claim, seq: this.#seq - 1 });
    } else if (act.act === 'commit') this.#commit();
    else this.#trim();
  }

  #step(act: 'park' | 'retry' | 'done' | 'dead', event: number): void {
    const known = this.attempts.get(event);
    if (act === 'park' ? known !== undefined : known === undefined) return;
    const made = (known ?? 0) + 1;
    if (act === 'park') this.#write(park(event));
    else if (act === 'retry') this.#write({ type: 'retry', event, attempts: made, at: 1, wait: 1, since: 1 });
    else if (act === 'done') this.#write({ type: 'done', event });
    else {
      const held = false;
      this.#write({ type: 'dead', event, generation: 0, attempts: made, reason: 'refused', since: 1, held });
      this.#write({ type: 'dead-lettered', event, generation: 0, held });
    }
    if (act === 'park' || act === 'retry') this.attempts.set(event, made);
    else {
      this.attempts.delete(event);
      this.#places.delete(event);
    }
  }

  #write(record: OwnersRecord): void {
    const place = { claim: this.#claim, seq: this.#seq++ };
    const [offset = -1] = this.begin.write({ ...record, ...place });
    this.#last = record;
    if (record.type === 'park') this.#places.set(record.event, { ...place, offset });
  }

  /** Below the first open entry nothing is needed any more. */
  #commit(): void {
    const end = {
      offset: this.begin.broker.partition('parking-log', 0).bounds.end,
      claim: this.#claim,
      seq: this.#seq,
    };
    const first = [...this.#places.values(), end].reduce((a, b) => (b.offset < a.offset ? b : a));
    this.begin.committed({ parkingLog: first, by: this.#claim });
  }

  /** A new claim with all open entries behind it makes what was before superfluous. */
  #trim(): void {
    this.#claim = this.begin.claim('again', { position: 0, top: 0, holes: [] });
    this.#seq = 1;
    this.#last = undefined;
    for (const [event, attempts] of this.attempts) this.#write(park(event, attempts));
    this.begin.trim(this.#claim);
  }
}

describe('what waits in a parking log', () => {
  it('is what its owners wrote and has not come to its end, whatever else happened', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(59), async (all, half) => {
        const begin = new Begin();
        const owner = new Owner(begin);
        for (const act of all.slice(0, half)) owner.take(act);
        // One that has read before goes on; one that begins now finds the same.
        const early = await readerOf(begin);
        await read(begin, early);
        for (const act of all.slice(half)) owner.take(act);
        const expected = [...owner.attempts].map(([event, attempts]) => `${event}:${attempts}`).sort();
        assert.deepEqual(told(await read(begin)).sort(), expected);
        assert.deepEqual(told(await read(begin, early)).sort(), expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is read without the data of events', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    begin.write({ ...park(3), claim, seq: 1 });
    const [entry] = await read(begin);
    assert.deepEqual([entry?.record.key, entry?.record.value.length], ['k', 0]);
  });

  it('is refused where it is more than the reader may hold', async () => {
    const begin = new Begin();
    const claim = begin.claim();
    for (let seq = 1; seq <= 4; seq++) begin.write({ ...park(seq), claim, seq });
    assert.equal((await read(begin, await readerOf(begin, 4))).length, 4);
    const tooMany = await readerOf(begin, 3);
    await assert.rejects(begin.simulation.drive(tooMany.read()), (error: unknown) => {
      assert.ok(error instanceof TenfoldError);
      assert.equal(error.code, 'query-too-large');
      return /More than 3 events are parked in partition 0/.test(error.message);
    });
  });

  it('is refused where a later release has written it', async () => {
    const begin = new Begin();
    const value = Buffer.from('{"v":2,"type":"park"}\n');
    begin.broker.append('parking-log', [{ key: null, partition: 0, headers: {}, value }], 'later');
    await assert.rejects(read(begin), /later release/);
  });

  it('is nothing for a consumer that never ran', async () => {
    const begin = new Begin();
    const name = { ...NAME, parkingLog: 'none' };
    assert.deepEqual(await begin.simulation.drive(openParkedReaders(begin.log, name)), []);
  });
});

describe('lanes in a parking log', () => {
  const entryOf = (event: number, key: string | null, state: ParkingLogEntry['state'] = 'parked') =>
    ({ event, state, record: { key } }) as ParkingLogEntry;
  const entries = [
    entryOf(9, 'b'),
    entryOf(4, 'a'),
    entryOf(7, null),
    entryOf(2, 'a'),
    entryOf(5, null),
    entryOf(1, 'a', 'dead'),
  ];
  const lanes = (order: Parameters<typeof parkedLanesOf>[0]) =>
    parkedLanesOf(order, entries).map(each => each.entries.map(({ event }) => event).join(' '));

  it('are those of keys, with what has no key by itself', () => {
    assert.deepEqual(lanes('key'), ['2 4', '5', '7', '9']);
  });

  it('are whole partitions, or single events, as the order says', () => {
    assert.deepEqual(lanes('partition'), ['2 4 5 7 9']);
    assert.deepEqual(lanes('none'), ['2', '4', '5', '7', '9']);
  });
});

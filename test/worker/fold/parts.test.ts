// The small parts of a fold, each by itself: what was seen before, how far a source has
// come, and appends in parts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { appendInParts } from '../../../worker/fold/append-in-parts.ts';
import { type Clock, clockOf, toClockRecord } from '../../../worker/fold/clock-record.ts';
import { letterNumberOf } from '../../../worker/fold/letter-number.ts';
import { APART, noteChange, SEEN_TABLE, Seen, seenChanges } from '../../../worker/fold/seen.ts';
import { SeenApart } from '../../../worker/fold/seen-apart.ts';
import { formatMark, markOf, SOURCE_HEADER, type SourceMark } from '../../../worker/fold/source-mark.ts';

/** Rows of one table, a page of two at a time. */
function keepRows() {
  const rows = new Map<string, string>();
  return {
    rows,
    apply(changes: readonly Change[]) {
      for (const change of changes) {
        assert.ok(change.kind === 'put-row' && change.table === SEEN_TABLE, JSON.stringify(change));
        rows.set(change.key, String(change.value));
      }
    },
    scan: async (_scope: string, table: string, { after = '' }: { after?: string | undefined } = {}) => {
      assert.equal(table, SEEN_TABLE);
      const all = [...rows].filter(([key]) => key > after).sort(([a], [b]) => (a < b ? -1 : 1));
      const page = all.slice(0, 2);
      return {
        rows: page.map(([key, value]) => ({ key, value: Buffer.from(value), version: '', position: key })),
        next: all.length > 2 ? page.at(-1)?.[0] : undefined,
      };
    },
  };
}

const places = fc.record({
  topic: fc.constantFrom('t', 'u.v'),
  partition: fc.nat(1),
  offset: fc.nat(6),
  index: fc.constantFrom(0, 0, 1, 12),
});
const sourceOf = ({ topic, partition }: SourceMark) => `${topic}/${partition}`;

describe('what a fold has seen of sources that come in order', () => {
  it('is what is not newer than the newest, whoever goes on', async () => {
    const step = fc.record({ mark: places, ends: fc.constantFrom('on', 'anew', 'copy', 'lost') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const kept = keepRows();
        kept.apply([noteChange('note', 7)]);
        kept.rows.set(`${APART}0.t`, '9 9');
        let seen = await Seen.load(kept, 's');
        let newest = new Map<string, SourceMark>();
        let written = newest;
        let marks: SourceMark[] = [];
        for (const { mark, ends } of steps) {
          const last = newest.get(sourceOf(mark));
          assert.equal(seen.offsetOf(mark.topic, mark.partition), last?.offset);
          const isNew = !last || mark.offset > last.offset || (mark.offset === last.offset && mark.index > last.index);
          assert.equal(seen.take(mark), isNew, JSON.stringify(mark));
          if (isNew) {
            newest = new Map(newest).set(sourceOf(mark), mark);
            marks.push(mark);
          }
          assert.equal(seen.offsetOf(mark.topic, mark.partition), newest.get(sourceOf(mark))?.offset);
          if (ends === 'copy') {
            const copy = seen.copy();
            seen.take({ ...mark, offset: 1000 });
            seen = copy;
          }
          if (ends === 'anew') {
            kept.apply(seenChanges(marks));
            written = newest;
          }
          if (ends !== 'anew' && ends !== 'lost') continue;
          marks = [];
          newest = written;
          seen = await Seen.load(kept, 's');
          assert.deepEqual([seen.noted('note'), seen.noted('none')], [7, undefined]);
        }
      }),
    );
  });

  it('writes the newest of each partition once', () => {
    const mark = (partition: number, offset: number) => ({ topic: 't', partition, offset, index: 1 });
    assert.deepEqual(seenChanges([mark(0, 1), mark(1, 5), mark(0, 2)]), [
      { kind: 'put-row', table: SEEN_TABLE, key: '0.t', value: '2.1' },
      { kind: 'put-row', table: SEEN_TABLE, key: '1.t', value: '5.1' },
    ]);
  });
});

describe('what a fold has seen of sources that come in any order', () => {
  it('is each place once, and nothing below what is settled, whoever goes on', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), mark: places }),
      fc.record({ kind: fc.constant('settle' as const), mark: places }),
      fc.record({ kind: fc.constantFrom('write' as const, 'anew' as const, 'copy' as const, 'lost' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const kept = keepRows();
        kept.apply([noteChange('a-note', 7), noteChange('note', 8)]);
        type Known = { readonly taken: ReadonlySet<string>; readonly settled: ReadonlyMap<string, number> };
        let known: Known = { taken: new Set(), settled: new Map() };
        let written = known;
        let seen = await SeenApart.load(kept, 's');
        for (const one of steps) {
          if (one.kind === 'take') {
            const { mark } = one;
            const place = formatMark(mark);
            const isNew = !known.taken.has(place) && mark.offset >= (known.settled.get(sourceOf(mark)) ?? 0);
            assert.equal(seen.take(mark), isNew, place);
            if (isNew) known = { ...known, taken: new Set(known.taken).add(place) };
          } else if (one.kind === 'settle') {
            const { topic, partition, offset } = one.mark;
            seen.settle(topic, partition, offset);
            const settled = Math.max(offset, known.settled.get(sourceOf(one.mark)) ?? 0);
            known = { ...known, settled: new Map(known.settled).set(sourceOf(one.mark), settled) };
          } else if (one.kind === 'copy') {
            const copy = seen.copy();
            seen.take({ topic: 't', partition: 0, offset: 1000, index: 0 });
            seen.settle('u.v', 1, 1000);
            seen = copy;
          } else if (one.kind === 'lost') {
            known = written;
            seen = await SeenApart.load(kept, 's');
            assert.deepEqual(seen.changes(), [], 'it is written already');
          } else {
            kept.apply(seen.changes());
            assert.deepEqual(seen.changes(), [], 'written once');
            written = known;
            if (one.kind === 'anew') seen = await SeenApart.load(kept, 's');
          }
          assert.deepEqual([seen.noted('a-note'), seen.noted('note'), seen.noted('none')], [7, 8, undefined]);
          const offsets = [...known.taken].map(text => markOf({ headers: { [SOURCE_HEADER]: text } }));
          for (const [topic, partition] of [
            ['t', 0],
            ['u.v', 1],
          ] as const) {
            const own = offsets.filter(mark => mark?.topic === topic && mark.partition === partition);
            const newest = Math.max(-1, ...own.map(mark => mark?.offset ?? 0));
            assert.equal(seen.offsetOf(topic, partition) ?? -1, newest);
          }
        }
      }),
    );
  });

  it('takes no room for what is settled', () => {
    const seen = new SeenApart();
    for (let offset = 0; offset < 20; offset++) seen.take({ topic: 't', partition: 0, offset, index: 0 });
    seen.settle('t', 0, 19);
    assert.deepEqual(seen.changes(), [{ kind: 'put-row', table: SEEN_TABLE, key: `${APART}0.t`, value: '19 19 19.0' }]);
    seen.settle('t', 0, 19);
    seen.settle('t', 0, 3);
    seen.settle('other', 0, 0);
    assert.deepEqual(seen.changes(), [], 'nothing has changed');
  });
});

describe('marks of where a record came from', () => {
  it('are read as they were written, whatever the topic is called', () => {
    for (const topic of ['t', 'a.b.1.2', 'line\nline']) {
      const mark = { topic, partition: 11, offset: OFFSETS_PER_EPOCH + 5, index: 16_384 };
      assert.deepEqual(markOf({ headers: { [SOURCE_HEADER]: formatMark(mark) } }), mark);
    }
  });

  it('are none where nobody wrote one', () => {
    const texts = [undefined, '', '1.2.3', '1.2.3.', 'x1.2.3.t', '1.2.x.t'];
    for (const text of texts)
      assert.equal(markOf({ headers: text === undefined ? {} : { [SOURCE_HEADER]: text } }), undefined);
  });
});

describe('how far a source has come', () => {
  it('is read as it was written', () => {
    const number = fc.option(fc.nat(), { nil: undefined });
    const clocks: fc.Arbitrary<Clock> = fc.record({
      feeder: fc.string({ minLength: 1 }),
      source: fc.nat(99),
      time: fc.option(fc.integer(), { nil: undefined }),
      upTo: fc.nat(),
      silentMs: number,
      ends: fc.option(
        fc.array(fc.tuple(fc.nat(20), fc.nat())).map(list => new Map(list)),
        { nil: undefined },
      ),
      sources: number,
    });
    fc.assert(
      fc.property(clocks, clock => {
        const { headers = {}, key, partition } = toClockRecord(clock, 3);
        assert.deepEqual([key, partition], [null, 3]);
        const ends = clock.ends?.size === 0 ? new Map() : clock.ends;
        assert.deepEqual(clockOf({ headers }), { ...clock, ends });
      }),
    );
  });

  it('is told in whole milliseconds, and not at all by what is no such record', () => {
    const clock = { feeder: 'f', source: 0, time: undefined, upTo: 0, silentMs: 1.7, ends: undefined };
    const { headers = {} } = toClockRecord(clock, 0);
    assert.equal(clockOf({ headers })?.silentMs, 1);
    assert.equal(clockOf({ headers: {} }), undefined);
    for (const name of Object.keys(headers))
      for (const text of ['', '1,2,3', 'x,1,2,3,f', ',1,2,3,f', '1,2,3,4,'])
        assert.equal(clockOf({ headers: { [name]: text } }), undefined, text);
  });
});

describe('appends in parts', () => {
  const record = (value: number): NewRecord => ({ key: null, headers: {}, partition: 0, value: Buffer.alloc(value) });
  const partsOf = async (records: readonly NewRecord[], signal?: AbortSignal) => {
    const parts: number[] = [];
    const log = {
      append: async (topic: string, part: readonly NewRecord[]) => {
        assert.equal(topic, 't');
        parts.push(part.length);
        return [];
      },
    };
    await appendInParts(log, 't', records, signal);
    return parts;
  };

  it('hold a thousand records or 4 MiB each, and a record that is larger has a part of its own', async () => {
    const MIB = 1024 * 1024;
    const small = (count: number) => Array.from({ length: count }, () => record(1));
    assert.deepEqual(await partsOf([]), []);
    assert.deepEqual(await partsOf(small(1000)), [1000]);
    assert.deepEqual(await partsOf(small(2001)), [1000, 1000, 1]);
    assert.deepEqual(await partsOf([2, 2, 2, 2, 1].map(mib => record(mib * MIB))), [2, 2, 1]);
    assert.deepEqual(await partsOf([record(5 * MIB), record(1), record(5 * MIB), record(1)]), [1, 1, 1, 1]);
  });

  it('end when somebody wants no more of them', async () => {
    await assert.rejects(partsOf([record(1)], AbortSignal.abort(new Error('enough'))), /enough/);
  });
});

describe('numbers of dead letters', () => {
  it('are the same for the same event, and others for other events, topics and lives', () => {
    const places = ['t', 'u'].flatMap(topic =>
      [0, 1, OFFSETS_PER_EPOCH, OFFSETS_PER_EPOCH + 1].map(offset => [topic, offset] as const),
    );
    const numbers = places.map(([topic, offset]) => letterNumberOf(topic, offset));
    assert.equal(new Set(numbers).size, places.length);
    assert.deepEqual(
      places.map(([topic, offset]) => letterNumberOf(topic, offset)),
      numbers,
    );
    for (const number of numbers) assert.ok(Number.isSafeInteger(number) && number >= OFFSETS_PER_EPOCH);
    // As earlier releases have written them.
    assert.deepEqual(
      [letterNumberOf('t', 5), letterNumberOf('t', OFFSETS_PER_EPOCH + 5)],
      [1064327255687173, 4368359697154053],
    );
    assert.deepEqual([letterNumberOf('t', 0) % 2 ** 40, letterNumberOf('t', OFFSETS_PER_EPOCH + 9) % 2 ** 40], [0, 9]);
  });
});

// The watermark against the events alone: whatever is read when, and whatever is published between
// two looks at the log, nothing that comes in order is older.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import { createLogEnds, hasReadTo } from '../../../worker/pipelines/log-ends.ts';
import { Watermark } from '../../../worker/pipelines/window/watermark.ts';

const SOURCES = 2;
const ALL = [0, 1];
const DISORDER = 5;
const sourceNumber = fc.nat(SOURCES - 1);

const published = fc.record({ source: sourceNumber, later: fc.nat(20), older: fc.nat(DISORDER) });
type Published = typeof published extends fc.Arbitrary<infer T> ? T : never;

const act = fc.oneof(
  published.map(event => ({ kind: 'publish', event }) as const),
  fc.record({ kind: fc.constant('read' as const), source: sourceNumber }),
  /** The clock of a source that events come from. */
  fc.record({ kind: fc.constant('clock' as const), source: sourceNumber }),
  /**
   * One that is silent: `between` comes while its process asks one leader after the other where
   * partitions end, in that order.
   */
  fc.record({
    kind: fc.constant('silent' as const),
    source: sourceNumber,
    order: fc.shuffledSubarray(ALL, { minLength: SOURCES }),
    between: fc.array(fc.array(published, { maxLength: 2 }), { minLength: SOURCES, maxLength: SOURCES }),
  }),
  fc.constant({ kind: 'restart' } as const),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly logs: number[][] = Array.from({ length: SOURCES }, () => []);
  readonly read = new Array<number>(SOURCES).fill(0);
  watermark = new Watermark(DISORDER, SOURCES);
  #newest = 0;
  #now = 0;
  #asked: { readonly order: readonly number[]; readonly between: readonly (readonly Published[])[] } | undefined;
  readonly #ends = createLogEnds(
    { monotonic: () => (this.#now += 1_000) },
    { bounds: async () => this.#bounds() },
    't',
  );

  publish({ source, later, older }: Published): void {
    this.#newest += later;
    this.logs[source]?.push(this.#newest - older);
  }

  async take(what: Act): Promise<void> {
    if (what.kind === 'publish') this.publish(what.event);
    if (what.kind === 'read') this.#readOne(what.source);
    if (what.kind === 'clock') this.#tell(what.source, undefined);
    if (what.kind === 'restart') {
      this.watermark = new Watermark(DISORDER, SOURCES, JSON.parse(JSON.stringify(this.watermark.save())));
    }
    if (what.kind !== 'silent') return;
    this.#asked = what;
    const look = await this.#ends.look();
    const end = look?.after.get(what.source);
    if (look && end !== undefined && (this.read[what.source] ?? 0) >= end) this.#tell(what.source, look.before);
  }

  #readOne(source: number): void {
    const at = this.read[source] ?? 0;
    const time = this.logs[source]?.[at];
    if (time === undefined) return;
    assert.ok(time >= this.watermark.value, `${time} of ${source} came when the watermark was ${this.watermark.value}`);
    this.watermark.saw(source, time);
    this.read[source] = at + 1;
  }

  #tell(source: number, ends: ReadonlyMap<number, number> | undefined): void {
    const upTo = this.read[source] ?? 0;
    const times = this.logs[source]?.slice(0, upTo) ?? [];
    const time = times.length > 0 ? Math.max(...times) : undefined;
    this.watermark.told({ feeder: 'f', source, time, upTo, silentMs: ends && 30_000, ends }, true);
  }

  #bounds(): Bounds[] {
    const bounds: Bounds[] = [];
    for (const [index, of] of (this.#asked?.order ?? ALL).entries()) {
      bounds[of] = { start: 0, end: this.logs[of]?.length ?? 0 };
      for (const event of this.#asked?.between[index] ?? []) this.publish(event);
    }
    return bounds;
  }
}

describe('a watermark', () => {
  it('is never past what comes in order, in whatever order partitions are read, asked and silent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40, size: 'max' }), async acts => {
        const world = new World();
        for (const each of acts) await world.take(each);
      }),
      { numRuns: 4_000 },
    );
  });

  it('comes as far as the newest event when all is read and silent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(published, { minLength: 1, maxLength: 30 }), async events => {
        const world = new World();
        for (const event of events) world.publish(event);
        for (let round = 0; round < 3; round++) {
          for (const source of ALL) {
            for (const _ of events) await world.take({ kind: 'read', source });
            await world.take({ kind: 'silent', source, order: ALL, between: [[], []] });
          }
        }
        assert.equal(world.watermark.value, Math.max(...world.logs.flat()) - DISORDER);
      }),
    );
  });

  it('waits for a source that an earlier release says is silent, but tells since when nothing came', () => {
    const watermark = new Watermark(DISORDER, 2, [
      10,
      [
        [15, null],
        [12, 40_000],
      ],
    ]);
    watermark.saw(0, 100);
    watermark.told({ feeder: 'f', source: 1, time: 12, upTo: 3, silentMs: 50_000, ends: undefined }, true);
    assert.equal(watermark.value, 10);
    assert.equal(watermark.silence, undefined);
    watermark.told({ feeder: 'f', source: 0, time: 100, upTo: 9, silentMs: 30_000, ends: undefined }, true);
    assert.equal(watermark.silence, 100 + 30_000 - DISORDER);
  });
});

describe('a partition', () => {
  const logWith = (offsets: readonly number[], next: number): Pick<EventLog, 'read'> => ({
    async read(_, __, from) {
      const found = offsets.find(offset => offset >= from);
      const records =
        found === undefined ? [] : [{ offset: found, timestamp: 0, key: null, value: new Uint8Array(), headers: {} }];
      return { records, next: found === undefined ? next : found + 1, bounds: { start: 0, end: next } };
    },
  });

  for (const [name, offsets, position, end, holds] of [
    ['where it ends', [0, 1], 2, 2, true],
    ['before a record', [0, 1], 1, 2, false],
    ['before offsets that hold none, as ends of transactions', [0, 1], 2, 4, true],
    ['before a record behind such', [0, 1, 4], 2, 5, false],
    ['before a record that was not there when it was looked at', [0, 1, 4], 2, 4, true],
  ] as const) {
    it(`is${holds ? '' : ' not'} read to its end ${name}`, async () => {
      assert.equal(await hasReadTo(logWith(offsets, 5), 't', 0, position, end), holds);
    });
  }
});

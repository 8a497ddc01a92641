// The watermark against the events alone: whatever is read when, and whatever is published between
// two looks at the log, nothing that comes in order is older.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Bounds, EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Clock } from '../../../worker/fold/clock-record.ts';
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
  watermark = new Watermark(DISORDER, [SOURCES]);
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
      this.watermark = new Watermark(DISORDER, [SOURCES], JSON.parse(JSON.stringify(this.watermark.save())));
    }
    if (what.kind !== 'silent') return;
    this.#asked = what;
    const look = await this.#ends.look();
    const end = look?.after.get(what.source);
    if (look && end !== undefined && (this.read[what.source] ?? 0) >= end)
      this.#tell(what.source, look.before.get('t') ?? new Map());
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
    const watermark = new Watermark(
      DISORDER,
      [2],
      [
        10,
        [
          [15, null],
          [12, 40_000],
        ],
      ],
    );
    watermark.saw(0, 100);
    watermark.told({ feeder: 'f', source: 1, time: 12, upTo: 3, silentMs: 50_000, ends: undefined }, true);
    assert.equal(watermark.value, 10);
    assert.equal(watermark.silence, undefined);
    watermark.told({ feeder: 'f', source: 0, time: 100, upTo: 9, silentMs: 30_000, ends: undefined }, true);
    assert.equal(watermark.silence, 100 + 30_000 - DISORDER);
  });
});

/**
 * Windows of several partitions, each of which takes events of its own and what
 * all are told of the sources.
 */
class Told {
  readonly #ordered: boolean;
  readonly #logs: (Clock | { readonly source: number; readonly offset: number; readonly time: number })[][] = [
    [],
    [],
    [],
  ];
  readonly #read = this.#logs.map(() => 0);
  watermarks = this.#logs.map(() => new Watermark(DISORDER, [SOURCES]));
  /** By source: what was put of it, and the newest time that its owner of now knows. */
  readonly put: number[][] = ALL.map(() => []);
  readonly #known: (number | undefined)[] = ALL.map(() => undefined);
  relayed = 0;

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  publish(source: number, to: number, time: number): void {
    const offset = this.put[source]?.push(time) ?? 0;
    this.#logs[to]?.push({ source, offset: offset - 1, time });
    this.#known[source] = Math.max(this.#known[source] ?? time, time);
  }

  /** The owner may die when some partitions have heard and others have not. */
  tell(source: number, to = this.#logs.map((_, partition) => partition)): void {
    const upTo = this.put[source]?.length ?? 0;
    const clock = { feeder: 'f', source, time: this.#known[source], upTo, silentMs: undefined, ends: undefined };
    for (const partition of to) this.#logs[partition]?.push(clock);
  }

  takeOver(source: number): void {
    this.#known[source] = undefined;
  }

  restart(partition: number): void {
    const saved = JSON.parse(JSON.stringify(this.watermarks[partition]?.save()));
    this.watermarks[partition] = new Watermark(DISORDER, [SOURCES], saved);
  }

  /** Returns whether there was anything to read. */
  read(partition: number): boolean {
    const at = this.#read[partition] ?? 0;
    const [record, watermark] = [this.#logs[partition]?.[at], this.watermarks[partition]];
    if (record === undefined || watermark === undefined) return false;
    this.#read[partition] = at + 1;
    if ('offset' in record) {
      watermark.knows(record.source, record.offset, record.time);
      if (this.#ordered) watermark.saw(record.source, record.time);
      return true;
    }
    const time = watermark.untold(record);
    if (time !== undefined) {
      this.relayed++;
      for (const log of this.#logs) log.push({ ...record, time });
    }
    watermark.told(record, true);
    return true;
  }

  readAll(): void {
    while (this.#logs.map((_, partition) => this.read(partition)).some(Boolean)) assert.ok(this.relayed < 10_000);
  }
}

const PARTITIONS = 3;
const somebody = fc.record({ source: sourceNumber, to: fc.nat(PARTITIONS - 1) });
const toldAct = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), at: somebody, time: fc.nat(100) }),
  fc.record({ kind: fc.constant('tell' as const), at: somebody }),
  fc.record({ kind: fc.constant('die while telling' as const), at: somebody, heard: fc.subarray([0, 1, 2]) }),
  fc.record({ kind: fc.constant('take over' as const), at: somebody }),
  fc.record({ kind: fc.constant('restart' as const), at: somebody }),
  fc.record({ kind: fc.constant('read' as const), at: somebody }),
);

describe('the watermarks of all partitions', () => {
  for (const [ordered, how] of [
    [true, 'the order of its events'],
    [false, 'any order'],
  ] as const) {
    it(`come as far as the events once an owner that knows no time has said where it begins, in ${how}`, () => {
      fc.assert(
        fc.property(fc.array(toldAct, { maxLength: 30, size: 'max' }), acts => {
          const told = new Told(ordered);
          for (const source of ALL) told.publish(source, 0, 0);
          for (const act of acts) {
            const { source, to } = act.at;
            if (act.kind === 'publish') told.publish(source, to, act.time);
            if (act.kind === 'tell') told.tell(source);
            if (act.kind === 'die while telling') told.tell(source, act.heard);
            if (act.kind === 'take over' || act.kind === 'die while telling') told.takeOver(source);
            if (act.kind === 'restart') told.restart(to);
            if (act.kind === 'read') told.read(to);
          }
          for (const source of ALL) {
            told.takeOver(source);
            told.tell(source);
          }
          told.readAll();
          const newest = Math.min(...told.put.map(times => Math.max(...times)));
          assert.deepEqual(
            told.watermarks.map(({ value }) => value),
            [0, 1, 2].map(() => newest - DISORDER),
          );
        }),
        { numRuns: 3_000 },
      );
    });
  }

  it('are told by their owner alone while it knows the time, and once where a later one knows an older time', () => {
    const told = new Told(false);
    for (const time of [10, 90, 20]) {
      for (const source of ALL) told.publish(source, 1, time);
      for (const source of ALL) told.tell(source);
      told.readAll();
    }
    assert.equal(told.relayed, 0);
    told.takeOver(0);
    for (const time of [30, 40, 50]) {
      told.publish(0, 1, time);
      told.tell(0);
      told.readAll();
    }
    assert.equal(told.relayed, PARTITIONS);
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

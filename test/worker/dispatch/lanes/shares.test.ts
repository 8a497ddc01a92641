// Shares over several partitions: nothing idles while something may go, calls go by weights, `max`
// holds, and each share keeps its own order.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type LaneItem, Lanes } from '../../../../worker/dispatch/lanes/lanes.ts';
import { shareOf } from '../../../../worker/dispatch/lanes/parties.ts';
import { ShareQueue } from '../../../../worker/dispatch/lanes/share-queue.ts';
import { Shares } from '../../../../worker/dispatch/lanes/shares.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const PARTITIONS = 3;

/** Queues of several partitions that share their calls, as the scheduler asks them. */
class Line {
  readonly shares: Shares;
  readonly queues: readonly ShareQueue[];
  readonly inFlight: LaneItem[] = [];
  readonly #lanes = new Lanes('none');
  #offset = 0;

  constructor(weights: Readonly<Record<string, number>> = {}, max?: number) {
    this.shares = new Shares(max);
    const of = shareOf({ by: ({ key }) => key ?? undefined, weight: ({ key }) => weights[key ?? ''] ?? 1 });
    this.queues = Array.from({ length: PARTITIONS }, () => new ShareQueue(this.shares, of));
  }

  come(name: string, partition: number): LaneItem {
    const record = { offset: this.#offset++, timestamp: 0, key: name, value: new Uint8Array(), headers: {} };
    const item = this.#lanes.addFresh(record, Number.POSITIVE_INFINITY);
    this.queues[partition]?.push(item.lane);
    return item;
  }

  /** The queue whose turn it is begins an event. */
  begin(): LaneItem | undefined {
    const least = Math.min(...this.queues.map(({ rank }) => rank));
    const queue = this.queues.find(({ rank, hasOpen }) => hasOpen && rank === least);
    const next = queue?.peek();
    const item = queue?.take(({ items }) => items[0]);
    assert.equal(item?.lane, next);
    if (item) this.inFlight.push(item);
    return item;
  }

  end(index: number): void {
    const [item] = this.inFlight.splice(index, 1);
    if (item?.party) this.shares.ended(item.party.name);
  }
}

const step = fc.record({
  kind: fc.constantFrom('come', 'come', 'rush', 'begin', 'begin', 'begin', 'end', 'end'),
  name: fc.constantFrom(...NAMES),
  partition: fc.nat(PARTITIONS - 1),
  which: fc.nat(20),
});

describe('shares', () => {
  it('let nothing idle that may go, hold `max`, keep the order of each, and end with nothing kept', () => {
    const maxes = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), maxes, (steps, max) => {
        const line = new Line({ a: 3, b: 0.5 }, max);
        const waiting = new Map<string, LaneItem[]>();
        const of = (name: string, partition: number) => `${name}${partition}`;
        const come = (name: string, partition: number) => {
          const own = waiting.get(of(name, partition)) ?? [];
          waiting.set(of(name, partition), [...own, line.come(name, partition)]);
        };
        const inFlight = (name: string) => line.inFlight.filter(({ party }) => party?.name === name).length;
        const mayGo = () =>
          [...waiting].some(([name, { length }]) => length > 0 && inFlight(name.charAt(0)) < (max ?? 1_000));
        const begin = () => {
          const could = mayGo();
          const item = line.begin();
          assert.equal(item !== undefined, could, 'it idles, or goes beyond its share');
          if (item === undefined) return;
          const own = [...waiting.values()].find(([first]) => first === item);
          assert.ok(own, 'the order of the share is kept');
          own.shift();
        };
        for (const { kind, name, partition, which } of steps) {
          if (kind === 'come') come(name, partition);
          else if (kind === 'rush') for (let each = 0; each < 20; each++) come(name, partition);
          else if (kind === 'begin') begin();
          else if (line.inFlight.length > 0) line.end(which % line.inFlight.length);
          for (const each of NAMES) assert.ok(inFlight(each) <= (max ?? 1_000));
          for (const each of line.shares.heldBack) assert.equal(inFlight(each), max);
        }
        while (mayGo() || line.inFlight.length > 0) {
          begin();
          if (line.inFlight.length > 0) line.end(0);
        }
        assert.ok([...waiting.values()].every(({ length }) => length === 0));
        assert.equal(line.shares.size, 0, 'a share without events takes no memory');
      }),
    );
  });

  it('get calls by their weights within 5 %, wherever their events lie and whichever come and go', () => {
    const weight = fc.constantFrom(0.5, 1, 2, 3, 5);
    const spread = fc.array(fc.nat(PARTITIONS - 1), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.tuple(weight, weight, weight, weight), fc.tuple(spread, spread, spread, spread), (all, places) => {
        const line = new Line(Object.fromEntries(NAMES.map((name, index) => [name, all[index] ?? 1])));
        const refill = (name: string) => {
          for (const partition of places[NAMES.indexOf(name as 'a')] ?? []) line.come(name, partition);
        };
        for (const name of NAMES) for (let each = 0; each < 3; each++) refill(name);
        // One that was alone for long owes nothing.
        for (let each = 0; each < 500; each++) line.come('z', each % PARTITIONS);
        const counts = new Map<string, number>();
        const rounds = 2_000;
        for (let each = 0; each < rounds; each++) {
          const name = line.begin()?.party?.name ?? '';
          counts.set(name, (counts.get(name) ?? 0) + 1);
          line.end(0);
          if (name !== 'z') refill(name);
        }
        const total = rounds - (counts.get('z') ?? 0);
        const sum = all.reduce((one, other) => one + other, 0);
        for (const [index, name] of NAMES.entries()) {
          const share = (counts.get(name) ?? 0) / total;
          const due = (all[index] ?? 0) / sum;
          assert.ok(Math.abs(share - due) <= 0.05 * due + 2 / total, `${name} has ${share} and not ${due}`);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('have their first turn after one of each that waits, and gain nothing by coming again', () => {
    const line = new Line();
    for (let each = 0; each < 50; each++) line.come('a', 0);
    for (let each = 0; each < 20; each++) line.begin();
    let turns = 0;
    for (let each = 0; each < 10; each++) {
      line.come('b', 1);
      for (let first = true; first || line.inFlight.at(-1)?.party?.name !== 'b'; first = false) {
        line.begin();
        turns++;
      }
    }
    assert.ok(turns >= 19 && turns <= 21, `ten events of b took ${turns} turns beside a`);
  });

  it('have a lane whose first event is of another share since it came', () => {
    const shares = new Shares(1);
    const tenantOf = ({ value }: { readonly value: Uint8Array }) => Buffer.from(value).toString();
    const queue = new ShareQueue(shares, shareOf({ by: tenantOf }));
    const lanes = new Lanes('key');
    const [first, second, other] = [...'aba'].map((tenant, offset) => {
      const record = { offset, timestamp: 0, key: `k${offset >> 1}`, value: Buffer.from(tenant), headers: {} };
      return lanes.addFresh(record, Number.POSITIVE_INFINITY);
    });
    assert.ok(first && second && other && first.lane === second.lane);
    queue.push(first.lane);
    queue.push(other.lane);
    lanes.remove(first);
    const next = () => queue.take(({ items }) => items[0]);
    const begun = Array.from({ length: 4 }, next).filter(item => item !== undefined);
    assert.deepEqual(new Set(begun), new Set([second, other]));
    for (const { party } of begun) shares.ended(party?.name ?? '');
    assert.deepEqual([shares.size, queue.length], [0, 0]);
  });

  it('forget what waits in a partition that is lost', () => {
    const line = new Line({}, 1);
    for (const partition of [0, 0, 1]) line.come('a', partition);
    line.begin();
    assert.equal(line.begin(), undefined);
    assert.deepEqual(line.shares.heldBack, ['a']);
    for (const queue of line.queues) queue.close();
    assert.deepEqual([line.shares.size, line.shares.heldBack], [1, []]);
    line.end(0);
    assert.equal(line.shares.size, 0);
    line.come('a', 0);
    assert.deepEqual([line.shares.size, line.queues[0]?.length], [0, 0]);
  });
});

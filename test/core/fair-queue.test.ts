// Parties that take turns: nobody waits for the backlog of another, nothing idles while something
// waits, each party's own order is kept.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FairQueue, type Place } from '../../core/fair-queue.ts';

interface Waiting {
  readonly party: string;
  readonly number: number;
  /** Of its own party, when it came. */
  readonly ahead: number;
  /** Turns that others had had when it came. */
  readonly turnsBefore: number;
}

const PARTIES = ['a', 'b', 'c', 'd', 'e'];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('come'), party: fc.constantFrom(...PARTIES) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rush'), party: fc.constantFrom(...PARTIES) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('serve'), party: fc.constant('') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave'), party: fc.constantFrom(...PARTIES) }) },
);
const RUSH = 50;

describe('a fair line', () => {
  it('bounds each wait by the own backlog times the parties, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), steps => {
        const queue = new FairQueue<Waiting>();
        const model = new Map<string, { readonly waiting: Waiting; readonly place: Place<Waiting> }[]>();
        let number = 0;
        let turns = 0;
        let mostParties = 0;
        const come = (party: string) => {
          const own = model.get(party) ?? [];
          const waiting = { party, number: number++, ahead: own.length, turnsBefore: turns };
          model.set(party, [...own, { waiting, place: queue.push(party, waiting) }]);
          mostParties = Math.max(mostParties, [...model.values()].filter(({ length }) => length > 0).length);
        };
        const serve = () => {
          const next = queue.peek();
          const got = queue.shift();
          assert.equal(got, next);
          const waits = [...model.values()].some(({ length }) => length > 0);
          assert.equal(got !== undefined, waits, 'it never idles while something waits');
          if (got === undefined) return;
          const own = model.get(got.party) ?? [];
          assert.equal(own.shift()?.waiting, got, 'the order of the party is kept');
          assert.ok(turns - got.turnsBefore <= (got.ahead + 1) * mostParties, 'it waited for the backlog of others');
          turns++;
        };
        for (const { kind, party } of steps) {
          if (kind === 'come') come(party);
          else if (kind === 'rush') for (let each = 0; each < RUSH; each++) come(party);
          else if (kind === 'serve') serve();
          else {
            const own = model.get(party) ?? [];
            const newest = own.pop();
            assert.equal(queue.newestOf(party), newest?.place);
            if (newest) {
              assert.equal(queue.leave(newest.place), true);
              assert.equal(queue.leave(newest.place), false);
            }
          }
          for (const each of PARTIES) assert.equal(queue.countOf(each), model.get(each)?.length ?? 0);
          assert.equal(
            queue.length,
            [...model.values()].reduce((sum, { length }) => sum + length, 0),
          );
        }
        while (queue.length > 0) serve();
        assert.equal(queue.shift(), undefined);
      }),
    );
  });

  it('is a plain line for one party, and for parties of one each', () => {
    for (const partyOf of [() => '', (n: number) => String(n)]) {
      const queue = new FairQueue<number>();
      for (let n = 0; n < 100; n++) queue.push(partyOf(n), n);
      assert.deepEqual(
        Array.from({ length: 100 }, () => queue.shift()),
        Array.from({ length: 100 }, (_, n) => n),
      );
    }
  });
});

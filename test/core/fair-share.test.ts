// An amount that parties share: greedy ones leave room, all comes back, and never is
// more taken than there is.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FairShare } from '../../core/fair-share.ts';

describe('an amount that parties share', () => {
  it('leaves a quarter to others, however much one asks for', () => {
    const share = new FairShare(100);
    let got = 0;
    while (share.take('greedy', 1)) got++;
    assert.equal(got, 75);
    assert.ok(share.take('quiet', 10));
  });

  it('gives one party any amount while nothing is taken', () => {
    const share = new FairShare(100);
    assert.ok(share.take('a', 200));
    assert.ok(!share.take('b', 1));
    share.give('a', 200);
    assert.ok(share.take('b', 1));
  });

  it('leaves something to one more party, however many are greedy', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat(19), { maxLength: 4_000 }), (count, order) => {
        const share = new FairShare(1_000_000);
        share.take('first', 1);
        for (const party of order) share.take(`greedy ${party % count}`, 10_000);
        assert.ok(share.take('quiet', 5_000), `${share.taken} are taken`);
      }),
    );
  });

  it('holds no more than there is, and has it all again in the end', () => {
    const step = fc.record({ party: fc.constantFrom('a', 'b', 'c'), amount: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(step, fc.constant('give' as const)), { maxLength: 200 }), steps => {
        const share = new FairShare(100);
        const held: { party: string; amount: number }[] = [];
        const sum = () => held.reduce((all, { amount }) => all + amount, 0);
        const give = () => {
          const one = held.shift();
          if (one) share.give(one.party, one.amount);
        };
        for (const each of steps) {
          if (each === 'give') give();
          else if (share.take(each.party, each.amount)) held.push(each);
          assert.equal(share.taken, sum());
          assert.ok(sum() <= 100);
        }
        while (held.length > 0) give();
        assert.equal(share.taken, 0);
        for (const party of ['a', 'b', 'c']) {
          assert.ok(share.take(party, 60));
          share.give(party, 60);
        }
      }),
    );
  });
});

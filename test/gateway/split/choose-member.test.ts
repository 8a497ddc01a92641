// Who gets a call of a split, for any state of its members.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Choosable, chooseMember } from '../../../gateway/split/choose-member.ts';
import { MemberHealth } from '../../../gateway/split/member-health.ts';

const member = fc.record<Choosable>({
  weight: fc.integer({ min: 0, max: 3 }),
  failover: fc.boolean(),
  isShut: fc.boolean(),
  isOut: fc.boolean(),
  isTried: fc.boolean(),
});
const members = fc.array(member, { minLength: 1, maxLength: 6 });
const point = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const usable = ({ weight, isShut }: Choosable) => weight > 0 && !isShut;
const inService = (each: Choosable) => usable(each) && !each.isOut;

describe('the member of a split that gets a call', () => {
  it('is there whenever one could be called, and never one that is shut or has no weight', () => {
    fc.assert(
      fc.property(members, point, (all, at) => {
        const chosen = chooseMember(all, at);
        assert.equal(chosen !== undefined, all.some(usable));
        assert.ok(chosen === undefined || usable(chosen));
      }),
    );
  });

  it('is one in service that was not tried, where there is one; failover only where no other is', () => {
    fc.assert(
      fc.property(members, point, (all, at) => {
        const chosen = chooseMember(all, at);
        const fresh = all.filter(each => inService(each) && !each.isTried);
        if (fresh.length === 0) return;
        assert.ok(chosen && inService(chosen) && !chosen.isTried);
        if (fresh.some(({ failover }) => !failover)) assert.equal(chosen.failover, false);
      }),
    );
  });

  it('is the same for a client while its member is in service, whatever happens to the others', () => {
    fc.assert(
      fc.property(members, point, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (all, at, outs) => {
        const well = all.map(each => ({ ...each, isOut: false, isShut: false, isTried: false }));
        const home = chooseMember(well, at);
        const later = well.map((each, index) => ({ ...each, isOut: each !== home && outs[index] === true }));
        const again = chooseMember(later, at);
        assert.equal(again && later.indexOf(again), home && well.indexOf(home));
      }),
    );
  });

  it('follows the weights', () => {
    const all = [3, 1].map(weight => ({ weight, failover: false, isShut: false, isOut: false, isTried: false }));
    const count = Array.from({ length: 1000 }, (_, index) => chooseMember(all, index / 1000)).filter(
      chosen => chosen === all[0],
    ).length;
    assert.equal(count, 750);
  });
});

describe('the health of a member', () => {
  it('a refused connection takes it out at once, and one answer brings it back', () => {
    const health = new MemberHealth();
    assert.equal(health.tell('refused', 0), 'left');
    assert.equal(health.outForMs(0), 1000);
    assert.equal(health.outForMs(1000), 0);
    assert.equal(health.isOut, true);
    assert.equal(health.tell('ok', 1000), 'returned');
    assert.equal(health.tell('ok', 1001), undefined);
    assert.equal(health.outForMs(1001), 0);
  });

  it('other failures do once they are five in a row', () => {
    const health = new MemberHealth();
    for (let count = 0; count < 4; count++) assert.equal(health.tell('failed', 0), undefined);
    health.tell('ok', 0);
    for (let count = 0; count < 4; count++) assert.equal(health.tell('failed', 0), undefined);
    assert.equal(health.tell('failed', 0), 'left');
  });

  it('stays out for longer each time that it is tried in vain, up to half a minute', () => {
    const health = new MemberHealth();
    let now = 0;
    const outs: number[] = [];
    for (let count = 0; count < 8; count++) {
      health.tell('refused', now);
      outs.push(health.outForMs(now));
      // What had begun before adds nothing.
      health.tell('refused', now);
      now += health.outForMs(now);
    }
    assert.deepEqual(outs, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(health.taken, 1);
  });
});

// Events that fail for ever hold up no healthy one, in all states of the dispatcher's protocol that
// can be reached within bounds; and a proof that the model sees it where they do.
import assert from 'node:assert/strict';
import { lively, livelyAtNight } from './liveness-bounds.ts';
import { rules, starving } from './rules.ts';
import { findStarved } from './starved.ts';

const NIGHTLY_STATES = 1_000_000;
/**
 * From anywhere: an owner comes and takes over, reads what there is, makes room and delivers. More
 * would be waiting for something.
 */
const STEPS = 25;
const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;

describe('liveness in the model of the dispatcher', function () {
  // It computes a known number of states: how long that takes says nothing.
  this.timeout(0);

  for (const [name, bounds] of Object.entries(lively)) {
    it(`lets each healthy event be delivered while no call of a poisoned one ends: ${name}`, () => {
      const walk = findStarved(bounds, rules);
      assert.equal(walk.broken, '', walk.way.join('\n'));
      assert.ok(walk.complete && walk.states > 50, `${walk.states} states`);
      assert.ok(walk.longest <= STEPS, `${walk.longest} steps`);
    });
  }

  for (const [mutation, broken] of Object.entries(starving)) {
    it(`sees a healthy event wait: ${mutation}`, () => {
      const walk = findStarved(lively['one key of two is poisoned, and has two events'], { ...rules, ...broken });
      assert.match(walk.broken, /^event 2 waits/);
    });
  }

  if (isNight) {
    for (const [name, bounds] of Object.entries(livelyAtNight)) {
      it(`lets each healthy event be delivered at night: ${name}`, () => {
        const walk = findStarved(bounds, rules, NIGHTLY_STATES);
        assert.equal(walk.broken, '', walk.way.join('\n'));
        assert.ok(walk.longest <= STEPS, `${walk.longest} steps`);
      });
    }
  }
});

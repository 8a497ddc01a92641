// The clock of a service as processes know it: asked for once, kept at an even pace, and
// looked at again now and then.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../core/errors.ts';
import { createServedClock } from '../../drivers/served-clock.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';

const AT = Date.parse('2026-01-31T12:00:00Z');

describe('the clock of a service', () => {
  const setUp = () => {
    const world = createFakeWorld();
    const asked: number[] = [];
    const service = { ahead: AT, fails: false };
    const clock = createServedClock({ ...world, now: () => assert.fail('its own clock is asked') }, async () => {
      asked.push(world.monotonic());
      if (service.fails) throw new TenfoldError('store-unavailable', 'away');
      return service.ahead + world.monotonic();
    });
    return { world, asked, service, clock };
  };

  it('is asked for once, by all that come at first, and goes on by itself', async () => {
    const { world, asked, clock } = setUp();
    const start = AT + world.monotonic();
    assert.deepEqual(await Promise.all([clock.now(), clock.now()]), [start, start]);
    await world.pass(60_000);
    assert.equal(await clock.now(), start + 60_000);
    assert.equal(asked.length, 1);
  });

  it('rejects as long as it was never told, and asks again', async () => {
    const { service, clock } = setUp();
    service.fails = true;
    for (let n = 0; n < 2; n++) await assert.rejects(clock.now(), { code: 'store-unavailable' });
    service.fails = false;
    assert.ok((await clock.now()) > AT);
  });

  it('is looked at again after a while, without a wait; nobody minds when there is no answer', async () => {
    const { world, asked, service, clock } = setUp();
    await clock.now();
    service.ahead += 5000;
    service.fails = true;
    await world.pass(301_000);
    assert.equal(await clock.now(), AT + world.monotonic());
    service.fails = false;
    await world.pass(1);
    await clock.now();
    await world.pass(1);
    assert.equal(await clock.now(), AT + 5000 + world.monotonic());
    assert.equal(asked.length, 3);
  });
});

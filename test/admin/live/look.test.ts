// One look after the other: it finds the list of before where nothing has changed, and what a look
// that failed has told nobody.
import assert from 'node:assert/strict';
import { createLook } from '../../../admin/live/look.ts';
import { noEvents } from '../../../admin/no-events.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { consumerOf } from './live-readers.ts';

describe('a look at a platform', () => {
  let lag: number;
  /** `since` is asked for as often in this look, and then fails. */
  let failsAfter: number | undefined;
  const start = () => {
    lag = 0;
    failsAfter = undefined;
    const events = {
      ...noEvents,
      consumers: async () => [{ ...consumerOf('default', 'wall', lag), oldestAgeMs: undefined }],
    };
    const view = {
      ...fakeView({ resources: [fakeResource('Topic', 'orders')], events }),
      since: () => {
        if (failsAfter !== undefined && failsAfter-- === 0) throw new Error('a fault of ours');
        return undefined;
      },
    };
    return createLook(view, createFakeWorld(Date.UTC(2026, 11, 1)));
  };

  it('finds the same list while nothing changes, and another one after a change', async () => {
    const look = start();
    const { found } = await look();
    assert.equal((await look()).found, found);
    lag = 3;
    assert.notEqual((await look()).found, found);
  });

  it('asks no resource for itself while the platform says that all stand as they did', async () => {
    let asked = 0;
    let standing = {};
    const view = {
      ...fakeView({ resources: [fakeResource('Topic', 'orders')] }),
      standing: () => standing,
      since: () => {
        asked++;
        return undefined;
      },
    };
    const look = createLook(view, createFakeWorld(Date.UTC(2026, 11, 1)));
    await look();
    asked = 0;
    await look();
    assert.equal(asked, 0);
    standing = {};
    await look();
    assert.notEqual(asked, 0);
  });

  for (const calls of [0, 1])
    it(`tells what changed in a look that failed after ${calls} steps`, async () => {
      const look = start();
      await look();
      lag = 3;
      failsAfter = calls;
      await assert.rejects(look(), /a fault of ours/);
      failsAfter = undefined;
      const { found } = await look();
      assert.ok(found.some(({ text }) => text.includes('"lag":3')));
    });
});

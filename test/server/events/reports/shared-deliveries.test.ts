// The times of a delivery that another process has made: whoever has made it answers.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { realWorld } from '../../../../core/world.ts';
import { shareDeliveries } from '../../../../server/events/reports/shared-deliveries.ts';
import { RecentDeliveries } from '../../../../worker/deliver/recent-deliveries.ts';
import { createHintHub } from '../../../fakes/hint-hub.ts';

describe('deliveries of several processes', () => {
  const delivery = { startedAt: 5, ms: 1.5, attempt: 1, together: 1 };
  const processes = () => {
    const hub = createHintHub();
    const join = (id: string, recent = new RecentDeliveries()) =>
      shareDeliveries({ world: realWorld, recent, hints: hub.join(), id });
    const theirs = new RecentDeliveries();
    theirs.add(theirs.numberOf('g'), 0, 7, delivery);
    const all = [join('a'), join('b'), join('c', theirs)] as const;
    const close = () => {
      for (const each of all) each.close();
    };
    return { hub, all, close };
  };

  it('are found by whoever asks, in the process that made them', async () => {
    const { all, close } = processes();
    const found = { ...delivery, host: hostname() };
    assert.deepEqual(await Promise.all(all.map(each => each.find('g', 0, 7))), [found, found, found]);
    close();
  });

  it('are not known where nobody has made them, nobody answers or messages cannot be read', async () => {
    const { hub, all, close } = processes();
    assert.equal(await all[0].find('g', 0, 8), undefined);
    const stranger = hub.join();
    stranger.tell('deliveries asked', 'not JSON');
    stranger.tell('deliveries told', '{"ask":"a/1"}');
    hub.lost = true;
    assert.equal(await all[0].find('g', 0, 7), undefined);
    assert.deepEqual(await all[2].find('g', 0, 7), { ...delivery, host: hostname() });
    close();
  });
});

// The times of a delivery that another process has made: whoever has made it answers.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { INDEX_HEADER } from '../../../../core/fan-outs/facts.ts';
import { JOB_HEADER } from '../../../../core/jobs/job-id.ts';
import { realWorld } from '../../../../core/world.ts';
import { shareDeliveries } from '../../../../server/events/reports/shared-deliveries.ts';
import { RecentDeliveries } from '../../../../worker/deliver/recent-deliveries.ts';
import { createHintHub } from '../../../fakes/hint-hub.ts';

const AT = { group: 'g', partition: 0, offset: 7 };
const JOB = '0123456789abcdef';

describe('deliveries of several processes', () => {
  const delivery = { startedAt: 5, ms: 1.5, attempt: 1, together: 1 };
  const processes = () => {
    const hub = createHintHub();
    const join = (id: string, recent = new RecentDeliveries()) =>
      shareDeliveries({ world: realWorld, recent: [recent], hints: hub.join(), id });
    const theirs = new RecentDeliveries();
    theirs.add('g', 0, { offset: 7, headers: {} }, delivery);
    const all = [join('a'), join('b'), join('c', theirs)] as const;
    const close = () => {
      for (const each of all) each.close();
    };
    return { hub, all, close };
  };

  it('are found by whoever asks, in the process that made them', async () => {
    const { all, close } = processes();
    const found = { ...delivery, host: hostname() };
    assert.deepEqual(await Promise.all(all.map(each => each.find(AT))), [found, found, found]);
    close();
  });

  it('are not known where nobody has made them, nobody answers or messages cannot be read', async () => {
    const { hub, all, close } = processes();
    assert.equal(await all[0].find({ ...AT, offset: 8 }), undefined);
    const stranger = hub.join();
    stranger.tell('deliveries asked', 'not JSON');
    stranger.tell('deliveries told', '{"ask":"a/1"}');
    hub.lost = true;
    assert.equal(await all[0].find(AT), undefined);
    assert.deepEqual(await all[2].find(AT), { ...delivery, host: hostname() });
    close();
  });

  it('of the items of a job are gathered from all, the slowest first', async () => {
    const hub = createHintHub();
    const rings = [new RecentDeliveries(), new RecentDeliveries()] as const;
    const all = rings.map((recent, at) =>
      shareDeliveries({ world: realWorld, recent: [new RecentDeliveries(), recent], hints: hub.join(), id: `${at}` }),
    );
    const add = (at: 0 | 1, index: number, ms: number) => {
      const headers = { [JOB_HEADER]: JOB, [INDEX_HEADER]: `${index}` };
      rings[at].add('g', 0, { offset: index, headers }, { ...delivery, ms });
    };
    for (const index of [0, 1, 2, 3]) add(0, index, 10 + index);
    for (const index of [3, 4, 5, 6]) add(1, index, 5 * index);
    for (const each of all) {
      const { slowest, timed } = await each.itemsOf('g', JOB);
      assert.deepEqual(
        slowest.map(({ index, ms }) => [index, ms]),
        [
          [6, 30],
          [5, 25],
          [4, 20],
          [3, 15],
          [2, 12],
        ],
      );
      assert.equal(timed, 8);
      assert.equal(slowest[0]?.host, hostname());
    }
    for (const each of all) each.close();
  });
});

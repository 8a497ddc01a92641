// A member whose own patience ends before that of its group: what it let go of nobody else is
// given, so it asks for it again.
import assert from 'node:assert/strict';
import { realWorld, type World } from '../../../../../core/world.ts';
import { newName } from '../../../../contract/event-log/subject.ts';
import { eventually } from '../../../../eventually.ts';
import { kafka } from '../../../../services/kafka.ts';
import { findService } from '../../../../services/service.ts';
import { assertComplete, countOf, createClients, startLoad, startReading } from '../kafka-cases.ts';

const SESSION_MS = 6000;
const found = findService(kafka);

/**
 * Its timers are those of the process but for one: what waits for the group to be heard of is over
 * at once when a test says so.
 */
function createHastyWorld() {
  let isHasty = false;
  const world: World = {
    ...realWorld,
    after(ms, run) {
      const isPatience = ms > SESSION_MS - 1000 && ms <= SESSION_MS;
      if (!isHasty || !isPatience) return realWorld.after(ms, run);
      isHasty = false;
      return realWorld.after(0, run);
    },
  };
  return {
    world,
    giveUpOnce() {
      isHasty = true;
    },
  };
}

if (found)
  describe('A member of a group of Kafka', () => {
    const clients = createClients();
    after(() => clients.closeAll());

    it('that took itself for lost, while the group did not, reads on', async () => {
      const topic = newName('topic');
      const { world, giveUpOnce } = createHastyWorld();
      const log = clients.open(found.url().split(','), {
        world,
        sessionTimeoutMs: SESSION_MS,
        requestTimeoutMs: 20_000,
      });
      await log.ensureTopic(topic, { partitions: 2 });
      const load = startLoad(log, topic);
      const reading = await startReading(log, topic, newName('group'));
      await eventually(() => reading.owned.size === 2, 'it owns both partitions');
      giveUpOnce();
      await eventually(() => reading.owned.size === 0, 'it has let go of them');
      await eventually(() => reading.owned.size === 2, 'it owns them again');
      await load.stop();
      await eventually(() => countOf(reading.seen) >= countOf(load.acknowledged), 'all is read');
      assertComplete(load, reading);
      assert.equal(load.failures.length, 0);
      await reading.stop();
    });
  });

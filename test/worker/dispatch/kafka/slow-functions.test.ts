// Heartbeats survive slow functions: calls that take several sessions of the group, over a real
// Kafka, move no partition and are made once.
import assert from 'node:assert/strict';
import type { Dispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { describeGroup } from '../../../drivers/event-log/kafka/describe-group.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { sessionPasses } from '../../../drivers/event-log/kafka/silent-member.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done } from '../harness.ts';
import { createHandled, dispatch } from './cases.ts';

const PARTITIONS = 4;
const KEYS = 40;
/** Longer than a busy machine stands still, which is no fault of the members. */
const SESSION_MS = 20_000;
/** How many sessions pass at the coordinator before the function answers. */
const SESSIONS = 2;

const broker = findService(kafka);
if (broker)
  describe('functions that take longer than a session, over Kafka', () => {
    const clients = createClients();
    afterEach(() => clients.closeAll());

    it('are called once for each event, and their callers stay members of their group with what they have', async () => {
      const brokers = broker.url().split(',');
      const [topic, group] = [newName('topic'), newName('group')];
      const log = clients.open(brokers);
      await log.ensureTopic(topic, { partitions: PARTITIONS });
      const handled = createHandled();
      let begun = 0;
      const answered = Promise.withResolvers<void>();
      const start = () =>
        dispatch(
          clients.open(brokers, { sessionTimeoutMs: SESSION_MS }),
          handled,
          { group, topic, concurrency: KEYS },
          async () => {
            begun++;
            await answered.promise;
            return done;
          },
        );
      const dispatchers = await Promise.all([start(), start()]);
      /**
       * Who is a member, and which claim each has on its partitions: one that is taken away
       * and given back has another.
       */
      const standing = async () => {
        const { state, members } = await describeGroup(brokers, group);
        const claims = dispatchers.map(({ view }: Dispatcher) =>
          view.partitions.map(({ partition, claim }) => `${partition} by ${claim}`).sort(),
        );
        return { state, members: members.toSorted(), claims };
      };
      const isShared = () =>
        dispatchers.every(
          ({ view: { partitions } }) =>
            partitions.length === PARTITIONS / dispatchers.length &&
            partitions.every(({ state }) => state === 'running'),
        );
      await eventually(isShared, 'each has its share');
      const before = await standing();
      await Promise.all(
        Array.from({ length: KEYS }, (_, key) =>
          log.append(topic, [{ key: `key ${key}`, value: Buffer.from('1'), headers: {} }]),
        ),
      );
      await eventually(() => begun === KEYS, 'all are under way');
      for (let session = 0; session < SESSIONS; session++) await sessionPasses(brokers, SESSION_MS);
      assert.equal(handled.count(), 0, 'no call has ended');
      answered.resolve();
      await eventually(() => handled.count() >= KEYS, 'all are done');
      assert.deepEqual(
        [...handled.attempts.values()],
        Array.from({ length: KEYS }, () => 1),
      );
      assert.deepEqual(await standing(), before);
      await Promise.all(dispatchers.map(dispatcher => dispatcher.close(5000)));
      assert.equal(handled.count(), KEYS);
    });
  });

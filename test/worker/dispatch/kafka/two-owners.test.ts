// F6: two owners of every partition at once, each sure that it is the only one: a real Kafka lets
// both read, append and commit.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, OwnedPartition } from '../../../../drivers/event-log/event-log.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import { startFold } from '../../../../worker/fold/fold.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { countOf, createClients, startLoad } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../harness.ts';
import { createHandled, dispatch, untilInOrder } from './cases.ts';

const PARTITIONS = 3;
const RETRY = { attempts: 1000, backoff: 'constant', initial: 20, max: 20 } as const;

const [broker, server] = [findService(kafka), findService(redis)];
if (broker && server)
  describe('two owners at once, over Kafka', () => {
    const clients = createClients();
    const open = () => clients.open(broker.url().split(','));
    let topic: string;
    let group: string;
    beforeEach(async () => {
      [topic, group] = [newName('topic'), newName('group')];
      await open().ensureTopic(topic, { partitions: PARTITIONS });
    });
    afterEach(() => clients.closeAll());

    /**
     * Is given all partitions of the group, whoever else has them, and commits
     * for the group all the same.
     */
    const forced = (name: string): EventLog => {
      const log = open();
      const ofGroup = (partition: OwnedPartition): OwnedPartition => ({
        partition: partition.partition,
        lost: partition.lost,
        open: (of, from) => partition.open(of, from),
        committed: async () => (await log.positions(group, topic))[partition.partition],
        // Kafka takes it from whoever asks while the group has no members.
        commit: position => log.seek(group, topic, new Map([[partition.partition, position]])),
      });
      return Object.create(log, {
        join: {
          value: ({ topics, assigned }: Parameters<EventLog['join']>[0]) =>
            log.join({ group: `${group}-${name}`, topics, assigned: partition => assigned(ofGroup(partition)) }),
        },
      });
    };

    it('F6: nothing is lost, keys stay in order, and nobody gives up what can be done', async () => {
      const handled = createHandled();
      const settings = { group, topic, retry: RETRY };
      // One of 20 events fails at first, so that both write parking logs.
      const owner = (name: string) =>
        dispatch(forced(name), handled, settings, (item, value) =>
          Number(value) % 20 === 7 && item.attempt === 1 ? fail() : done,
        );
      const [first, second] = await Promise.all([owner('first'), owner('second')]);
      const load = startLoad(open(), topic);
      const contested = () => first.view.superseded > 0 && second.view.superseded > 0;
      await eventually(() => contested() && countOf(load.acknowledged) > 1000, 'each has been superseded');
      await load.stop();
      await first.close(5000);
      await untilInOrder(load.acknowledged, handled);
      assert.deepEqual(handled.deadLettered, []);
    });

    it('F6: what both fold into one store is there once', async () => {
      const connection = { urls: [server.url()] };
      const store = await openRedisStore({ world: realWorld, connection, prefix: newName('prefix') });
      try {
        let superseded = 0;
        const observer = { trouble() {}, superseded: () => void superseded++, jumped() {}, refused() {} };
        const scopeOf = (partition: number) => `${group}-${partition}`;
        const owner = (name: string) =>
          startFold({
            world: realWorld,
            log: forced(name),
            store,
            settings: {
              group,
              topic,
              consumer: 'counts',
              scopeOf,
              unmarked: true,
              toChanges: async records => [{ kind: 'count', counter: 'all', by: records.length }],
              refused: async () => {},
            },
            observer,
          });
        const stages = await Promise.all([owner('first'), owner('second')]);
        const load = startLoad(open(), topic);
        await eventually(() => superseded > 4 && countOf(load.acknowledged) > 1000, 'they met');
        await load.stop();
        const counted = async () => {
          const partitions = Array.from({ length: PARTITIONS }, (_, partition) => scopeOf(partition));
          const counts = await Promise.all(partitions.map(scope => store.counter(scope, 'all')));
          return counts.reduce((sum, count) => sum + count, 0);
        };
        const expected = countOf(load.acknowledged);
        await eventually(async () => (await counted()) >= expected, 'all is counted');
        await Promise.all(stages.map(stage => stage.close(5000)));
        assert.equal(await counted(), expected);
      } finally {
        await store.close();
      }
    });
  });

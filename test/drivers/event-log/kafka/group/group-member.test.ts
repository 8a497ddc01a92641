// A member of a group while brokers do not answer, or say what does not help: it finds its group
// again, and does not take for its own what may be another's.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../../core/world.ts';
import type { EventLog, OwnedPartition } from '../../../../../drivers/event-log/event-log.ts';
import { FAULT } from '../../../../../drivers/event-log/kafka/kafka-error.ts';
import { openKafkaEventLog } from '../../../../../drivers/event-log/kafka/kafka-event-log.ts';
import { packAssignment } from '../../../../../drivers/event-log/kafka/wire/groups.ts';
import { eventually } from '../../../../eventually.ts';
import {
  API,
  coordinatorAt,
  type FakeBroker,
  joined,
  metadataOf,
  plainAnswer,
  shareOf,
  startFakeBroker,
} from '../../../../fakes/kafka-broker.ts';

describe('a member of a group of Kafka', () => {
  let first: FakeBroker;
  let coordinator: FakeBroker;
  let log: EventLog;
  /** Longer together than the pauses between two attempts to join. */
  const times = { requestTimeoutMs: 500, sessionTimeoutMs: 1500, heartbeatMs: 50 };

  const open = (limits: typeof times) =>
    openKafkaEventLog({
      world: realWorld,
      connection: { brokers: [first, coordinator].map(({ port }) => `127.0.0.1:${port}`) },
      ...limits,
    });

  beforeEach(async () => {
    [first, coordinator] = [await startFakeBroker(), await startFakeBroker()];
    const brokers = [first, coordinator];
    for (const { answers } of brokers) {
      answers.set(API.metadata, () => metadataOf(brokers, [{ name: 'orders', leaders: [1] }]));
      answers.set(API.findCoordinator, () => coordinatorAt(2, coordinator));
    }
    const { answers } = coordinator;
    answers.set(API.joinGroup, () => joined('me'));
    answers.set(API.syncGroup, () => shareOf(packAssignment(['orders'], { partitions: [0], count: 1 })));
    answers.set(API.heartbeat, () => plainAnswer());
    answers.set(API.leaveGroup, () => plainAnswer());
    log = open(times);
  });
  afterEach(async () => {
    await log.close();
    await Promise.all([first.close(), coordinator.close()]);
  });

  const join = async (): Promise<OwnedPartition> => {
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
    await log.join({ group: 'workers', topics: ['orders'], assigned: resolve });
    return promise;
  };
  const joins = () => coordinator.asked.filter(key => key === API.joinGroup).length;

  it('finds its coordinator by another broker where the one that was asked last is gone', async () => {
    await join();
    assert.equal(joins(), 1);
    await first.close();
    coordinator.answers.set(API.heartbeat, () => plainAnswer(FAULT.notCoordinator));
    await eventually(() => joins() > 1, 'it has joined again');
  });

  it('lets go of what it owns while its group does not answer, however often it tries to join', async () => {
    const { lost } = await join();
    for (const key of [API.joinGroup, API.syncGroup, API.heartbeat]) coordinator.answers.delete(key);
    await eventually(() => lost.aborted, 'it has let go');
    assert.match(String(lost.reason), /others may own/);
  });

  it('leaves at once while it looks for its coordinator, and nobody says where that is', async () => {
    await log.close();
    log = open({ ...times, requestTimeoutMs: 15_000 });
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>();
    const member = await log.join({ group: 'workers', topics: ['orders'], assigned: resolve });
    await promise;
    let isAsked = false;
    for (const { answers } of [first, coordinator])
      answers.set(API.findCoordinator, () => {
        isAsked = true;
        return new Promise(() => {});
      });
    coordinator.answers.set(API.heartbeat, () => plainAnswer(FAULT.notCoordinator));
    await eventually(() => isAsked, 'it looks for its coordinator');
    let hasLeft = false;
    void member.leave().then(() => {
      hasLeft = true;
    });
    await eventually(() => hasLeft, 'it has left');
  });
});

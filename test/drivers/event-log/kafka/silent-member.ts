// A member of a group of its own that never says a word after it has joined. The coordinator counts
// its session to the end, so tests know by it that a session is over for the coordinator, too.
import assert from 'node:assert/strict';
import { realWorld } from '../../../../core/world.ts';
import { Cluster } from '../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { FAULT } from '../../../../drivers/event-log/kafka/kafka-error.ts';
import { joinGroup, syncGroup } from '../../../../drivers/event-log/kafka/wire/groups.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { eventually } from '../../../eventually.ts';
import { describeGroup } from './describe-group.ts';

/** Resolves once the coordinator has removed a member that was silent for the session. */
export async function sessionPasses(brokers: readonly string[], sessionMs: number): Promise<void> {
  const group = newName('silent');
  await joinSilently(brokers, group, sessionMs);
  assert.deepEqual((await describeGroup(brokers, group)).members.length, 1, 'the silent member is one');
  const isRemoved = async () => (await describeGroup(brokers, group)).members.length === 0;
  await eventually(isRemoved, 'the coordinator removes the silent member', 10 * 60_000);
}

async function joinSilently(brokers: readonly string[], group: string, sessionMs: number): Promise<void> {
  const cluster = new Cluster({ world: realWorld, connection: { brokers }, requestTimeoutMs: 120_000, log: () => {} });
  const join = async (memberId: string) => {
    const times = { sessionTimeout: sessionMs, rebalanceTimeout: sessionMs };
    const request = joinGroup({ groupId: group, memberId, ...times, metadata: Buffer.alloc(0) });
    return (await cluster.coordinatorOf(group)).askAlone(request, 120_000);
  };
  try {
    await cluster.attempt('joining', async () => {
      const asked = await join('');
      const joined = asked.errorCode === FAULT.memberIdRequired ? await join(asked.memberId) : asked;
      assert.equal(joined.errorCode, 0);
      const shares = new Map([[joined.memberId, Buffer.alloc(0)]]);
      const sync = syncGroup(group, joined.memberId, joined.generationId, shares);
      const { errorCode } = await (await cluster.coordinatorOf(group)).askAlone(sync, 120_000);
      assert.equal(errorCode, 0);
    });
  } finally {
    cluster.close();
  }
}

// Contract of the log: members of a group share partitions, notice when they lose one, and read what they own.
import assert from 'node:assert/strict';
import type { EventLog, Member, OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import {
  LIMITS,
  type LogDriver,
  type LogSubject,
  newName,
  record,
  rejectsWith,
  take,
  textOf,
  until,
} from './subject.ts';

interface Watched {
  readonly member: Member;
  /** What it owns now. */
  readonly owned: Map<number, OwnedPartition>;
}

export function groups(subject: () => LogSubject, { rebalanceMs, hasManyClients }: LogDriver): void {
  describe('groups', () => {
    let log: EventLog;
    let topic: string;
    let parkingLog: string;
    let group: string;
    let members: Watched[];
    before(async () => {
      log = await subject().open();
    });
    after(() => log.close());
    beforeEach(async () => {
      [topic, parkingLog, group, members] = [newName('topic'), newName('parking-log'), newName('group'), []];
      for (const name of [topic, parkingLog]) await log.ensureTopic(name, { partitions: 4 });
    });
    afterEach(async () => {
      for (const { member } of members) await member.leave();
    });

    const join = async (names = [topic]): Promise<Watched> => {
      const owned = new Map<number, OwnedPartition>();
      const assigned = (given: OwnedPartition) => {
        assert.ok(!given.lost.aborted);
        owned.set(given.partition, given);
        given.lost.addEventListener('abort', () => {
          if (owned.get(given.partition) === given) owned.delete(given.partition);
        });
      };
      const watched = { member: await log.join({ group, topics: names, assigned }), owned };
      members.push(watched);
      return watched;
    };
    /** Waits until the members own so many each, all partitions together, none twice. */
    const shared = (...counts: number[]) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return until(
        `${counts} partitions`,
        () => {
          const found = members.map(({ owned }) => owned.size).sort();
          const all = new Set(members.flatMap(({ owned }) => [...owned.keys()]));
          return found.join() === counts.sort().join() && all.size === total;
        },
        rebalanceMs,
      );
    };

    it('give all partitions to a single member', async () => {
      await join();
      await shared(4);
    });

    it('spread partitions evenly as members come and go', async () => {
      const first = await join();
      await shared(4);
      await join();
      await shared(2, 2);
      await join();
      await shared(1, 1, 2);
      await first.member.leave();
      await shared(0, 2, 2);
    });

    it('leave members without a partition when there are more of them than partitions', async () => {
      for (let count = 0; count < 5; count++) await join();
      await shared(0, 1, 1, 1, 1);
    });

    it('do not share with other groups', async () => {
      await join();
      group = newName('group');
      await join();
      await until('both own all', () => members.every(({ owned }) => owned.size === 4), rebalanceMs);
    });

    it('take partitions with the reason in `lost`', async () => {
      const { owned } = await join();
      await shared(4);
      const before = [...owned.values()];
      await join();
      await shared(2, 2);
      const lost = before.filter(({ lost }) => lost.aborted);
      assert.ok(lost.length >= 2);
      for (const { lost: signal } of lost) assert.ok(signal.reason instanceof Error);
    });

    it('read what is there, then wait for more', async () => {
      await log.append(topic, [record(null, '0', { partition: 1 })]);
      const { owned } = await join();
      await shared(4);
      const reader = owned.get(1)!.open(topic, 0);
      assert.deepEqual((await take(reader, 1)).map(textOf), ['0']);
      const waiting = take(reader, 2);
      await log.append(topic, [record(null, '1', { partition: 1 }), record(null, '2', { partition: 1 })]);
      assert.deepEqual((await waiting).map(textOf), ['1', '2']);
    });

    it('read from any position, and again from another one', async () => {
      const places = await log.append(
        topic,
        ['0', '1', '2'].map(text => record(null, text, { partition: 0 })),
      );
      const { owned } = await join();
      await shared(4);
      const first = owned.get(0)!.open(topic, places[1]!.offset);
      assert.deepEqual((await take(first, 2)).map(textOf), ['1', '2']);
      const waiting = first.next(LIMITS);
      const refused = assert.rejects(waiting);
      const second = owned.get(0)!.open(topic, places[0]!.offset);
      assert.deepEqual((await take(second, 3)).map(textOf), ['0', '1', '2']);
      await refused;
    });

    it('read several topics with the same partition side by side', async () => {
      const { owned } = await join([topic, parkingLog]);
      await shared(4);
      const readers = [topic, parkingLog].map(name => owned.get(2)!.open(name, 0));
      await log.append(parkingLog, [record(null, 'of the parking log', { partition: 2 })]);
      assert.deepEqual((await take(readers[1]!, 1)).map(textOf), ['of the parking log']);
      await log.append(topic, [record(null, 'of the topic', { partition: 2 })]);
      assert.deepEqual((await take(readers[0]!, 1)).map(textOf), ['of the topic']);
    });

    if (hasManyClients) {
      it('are shared between clients', async () => {
        const other = await subject().open();
        const first = await join();
        const owned = new Set<number>();
        const assigned = ({ partition, lost }: OwnedPartition) => {
          owned.add(partition);
          lost.addEventListener('abort', () => owned.delete(partition));
        };
        const member = await other.join({ group, topics: [topic], assigned });
        await until('each owns two', () => owned.size === 2 && first.owned.size === 2, rebalanceMs);
        assert.equal(new Set([...owned, ...first.owned.keys()]).size, 4);
        await rejectsWith('conflict', log.seek(group, topic, new Map([[0, { offset: 0, metadata: '' }]])));
        await member.leave();
        await until('the first owns all', () => first.owned.size === 4, rebalanceMs);
        await other.close();
      });
    }

    it('give out the partitions that all topics have, and the others once they have them', async () => {
      const small = newName('small');
      await log.ensureTopic(small, { partitions: 2 });
      await join([topic, small]);
      await shared(2);
      await log.ensureTopic(small, { partitions: 4 });
      await shared(4);
    });

    it('end a read that waits when the caller asks for it, and read on later', async () => {
      const { owned } = await join();
      await shared(4);
      const reader = owned.get(0)!.open(topic, 0);
      const stop = new AbortController();
      const waiting = reader.next(LIMITS, stop.signal);
      stop.abort(new Error('enough'));
      await assert.rejects(waiting, /enough/);
      await log.append(topic, [record(null, 'later', { partition: 0 })]);
      assert.deepEqual((await take(reader, 1)).map(textOf), ['later']);
    });

    it('end a read that waits when its partition is lost', async () => {
      const { member, owned } = await join();
      await shared(4);
      const given = owned.get(0)!;
      const waiting = given.open(topic, 0).next(LIMITS);
      const refused = assert.rejects(waiting, (error: unknown) => error === given.lost.reason);
      await member.leave();
      await refused;
    });

    it('go on from what was committed, with its metadata', async () => {
      const places = await log.append(
        topic,
        ['0', '1', '2'].map(text => record(null, text, { partition: 3 })),
      );
      const first = await join();
      await shared(4);
      const given = first.owned.get(3)!;
      assert.equal(await given.committed(), undefined);
      await given.commit({ offset: places[1]!.offset, metadata: 'one is done' });
      assert.deepEqual(await given.committed(), { offset: places[1]!.offset, metadata: 'one is done' });
      await first.member.leave();
      const second = await join();
      await until('the second owns all', () => second.owned.size === 4, rebalanceMs);
      const position = (await second.owned.get(3)!.committed())!;
      assert.deepEqual(position, { offset: places[1]!.offset, metadata: 'one is done' });
      const reader = second.owned.get(3)!.open(topic, position.offset);
      assert.deepEqual((await take(reader, 2)).map(textOf), ['1', '2']);
      assert.deepEqual((await log.positions(group, topic))[3], position);
    });

    it('jump to the start when records were trimmed away under the reader', async () => {
      const places = await log.append(
        topic,
        ['0', '1', '2'].map(text => record(null, text, { partition: 0 })),
      );
      const { owned } = await join();
      await shared(4);
      await log.trim(topic, 0, places[2]!.offset);
      const { records, bounds } = await owned.get(0)!.open(topic, 0).next(LIMITS);
      assert.deepEqual(records.map(textOf), ['2']);
      assert.equal(bounds.start, places[2]!.offset);
    });

    it('give out partitions that are added later', async () => {
      const { owned } = await join([topic, parkingLog]);
      await shared(4);
      for (const name of [topic, parkingLog]) await log.ensureTopic(name, { partitions: 6 });
      await shared(6);
      await log.append(topic, [record(null, 'new', { partition: 5 })]);
      assert.deepEqual((await take(owned.get(5)!.open(topic, 0), 1)).map(textOf), ['new']);
    });
  });
}

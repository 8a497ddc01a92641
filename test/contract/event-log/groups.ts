// Contract of the log: members of a group share partitions, notice when they lose
// one, and read what they own.
import assert from 'node:assert/strict';
import type { OwnedPartition } from '../../../drivers/event-log/event-log.ts';
import { type GroupSite, useGroup } from './group-site.ts';
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

export function groups(subject: () => LogSubject, driver: LogDriver): void {
  describe('groups', () => {
    const current = useGroup(subject, driver);

    describeSharing(current);
    describeReading(current);
    if (driver.hasManyClients) {
      it('are shared between clients', async () => {
        const site = current();
        const other = await subject().open();
        const first = await site.join();
        const owned = new Set<number>();
        const assigned = ({ partition, lost }: OwnedPartition) => {
          owned.add(partition);
          lost.addEventListener('abort', () => owned.delete(partition));
        };
        const member = await other.join({ group: site.group, topics: [site.topic], assigned });
        await until('each owns two', () => owned.size === 2 && first.owned.size === 2, site.rebalanceMs);
        assert.equal(new Set([...owned, ...first.owned.keys()]).size, 4);
        await rejectsWith(
          'conflict',
          site.log.seek(site.group, site.topic, new Map([[0, { offset: 0, metadata: '' }]])),
        );
        await member.leave();
        await until('the first owns all', () => first.owned.size === 4, site.rebalanceMs);
        await other.close();
      });
    }

    describeWhatChanges(current);
  });
}

function describeSharing(current: () => GroupSite): void {
  it('give all partitions to a single member', async () => {
    const site = current();
    await site.join();
    await site.shared(4);
  });

  it('spread partitions evenly as members come and go', async () => {
    const site = current();
    const first = await site.join();
    await site.shared(4);
    await site.join();
    await site.shared(2, 2);
    await site.join();
    await site.shared(1, 1, 2);
    await first.member.leave();
    await site.shared(0, 2, 2);
  });

  it('leave members without a partition when there are more of them than partitions', async () => {
    const site = current();
    for (let count = 0; count < 5; count++) await site.join();
    await site.shared(0, 1, 1, 1, 1);
  });

  it('do not share with other groups', async () => {
    const site = current();
    await site.join();
    site.group = newName('group');
    await site.join();
    await until('both own all', () => site.members.every(({ owned }) => owned.size === 4), site.rebalanceMs);
  });

  it('take partitions with the reason in `lost`', async () => {
    const site = current();
    const { owned } = await site.join();
    await site.shared(4);
    const before = [...owned.values()];
    await site.join();
    await site.shared(2, 2);
    const lost = before.filter(({ lost }) => lost.aborted);
    assert.ok(lost.length >= 2);
    for (const { lost: signal } of lost) assert.ok(signal.reason instanceof Error);
  });
}

function describeReading(current: () => GroupSite): void {
  it('read what is there, then wait for more', async () => {
    const site = current();
    await site.log.append(site.topic, [record(null, '0', { partition: 1 })]);
    const { owned } = await site.join();
    await site.shared(4);
    const reader = owned.get(1)!.open(site.topic, 0);
    assert.deepEqual((await take(reader, 1)).map(textOf), ['0']);
    const waiting = take(reader, 2);
    await site.log.append(site.topic, [record(null, '1', { partition: 1 }), record(null, '2', { partition: 1 })]);
    assert.deepEqual((await waiting).map(textOf), ['1', '2']);
  });

  it('read from any position, and again from another one', async () => {
    const site = current();
    const places = await site.log.append(
      site.topic,
      ['0', '1', '2'].map(text => record(null, text, { partition: 0 })),
    );
    const { owned } = await site.join();
    await site.shared(4);
    const first = owned.get(0)!.open(site.topic, places[1]!.offset);
    assert.deepEqual((await take(first, 2)).map(textOf), ['1', '2']);
    const waiting = first.next(LIMITS);
    const refused = assert.rejects(waiting);
    const second = owned.get(0)!.open(site.topic, places[0]!.offset);
    assert.deepEqual((await take(second, 3)).map(textOf), ['0', '1', '2']);
    await refused;
  });

  it('read several topics with the same partition side by side', async () => {
    const site = current();
    const { owned } = await site.join([site.topic, site.parkingLog]);
    await site.shared(4);
    const readers = [site.topic, site.parkingLog].map(name => owned.get(2)!.open(name, 0));
    await site.log.append(site.parkingLog, [record(null, 'of the parking log', { partition: 2 })]);
    assert.deepEqual((await take(readers[1]!, 1)).map(textOf), ['of the parking log']);
    await site.log.append(site.topic, [record(null, 'of the topic', { partition: 2 })]);
    assert.deepEqual((await take(readers[0]!, 1)).map(textOf), ['of the topic']);
  });
}

function describeWhatChanges(current: () => GroupSite): void {
  it('give out the partitions that all topics have, and the others once they have them', async () => {
    const site = current();
    const small = newName('small');
    await site.log.ensureTopic(small, { partitions: 2 });
    await site.join([site.topic, small]);
    await site.shared(2);
    await site.log.ensureTopic(small, { partitions: 4 });
    await site.shared(4);
  });

  it('end a read that waits when the caller asks for it, and read on later', async () => {
    const site = current();
    const { owned } = await site.join();
    await site.shared(4);
    const reader = owned.get(0)!.open(site.topic, 0);
    const stop = new AbortController();
    const waiting = reader.next(LIMITS, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await site.log.append(site.topic, [record(null, 'later', { partition: 0 })]);
    assert.deepEqual((await take(reader, 1)).map(textOf), ['later']);
  });

  it('end a read that waits when its partition is lost', async () => {
    const site = current();
    const { member, owned } = await site.join();
    await site.shared(4);
    const given = owned.get(0)!;
    const waiting = given.open(site.topic, 0).next(LIMITS);
    const refused = assert.rejects(waiting, (error: unknown) => error === given.lost.reason);
    await member.leave();
    await refused;
  });

  it('go on from what was committed, with its metadata', async () => {
    const site = current();
    const places = await site.log.append(
      site.topic,
      ['0', '1', '2'].map(text => record(null, text, { partition: 3 })),
    );
    const first = await site.join();
    await site.shared(4);
    const given = first.owned.get(3)!;
    assert.equal(await given.committed(), undefined);
    await given.commit({ offset: places[1]!.offset, metadata: 'one is done' });
    assert.deepEqual(await given.committed(), { offset: places[1]!.offset, metadata: 'one is done' });
    await first.member.leave();
    const second = await site.join();
    await until('the second owns all', () => second.owned.size === 4, site.rebalanceMs);
    const position = (await second.owned.get(3)!.committed())!;
    assert.deepEqual(position, { offset: places[1]!.offset, metadata: 'one is done' });
    const reader = second.owned.get(3)!.open(site.topic, position.offset);
    assert.deepEqual((await take(reader, 2)).map(textOf), ['1', '2']);
    assert.deepEqual((await site.log.positions(site.group, site.topic))[3], position);
  });

  it('jump to the start when records were trimmed away under the reader', async () => {
    const site = current();
    const places = await site.log.append(
      site.topic,
      ['0', '1', '2'].map(text => record(null, text, { partition: 0 })),
    );
    const { owned } = await site.join();
    await site.shared(4);
    await site.log.trim(site.topic, 0, places[2]!.offset);
    const { records, bounds } = await owned.get(0)!.open(site.topic, 0).next(LIMITS);
    assert.deepEqual(records.map(textOf), ['2']);
    assert.equal(bounds.start, places[2]!.offset);
  });

  it('give out partitions that are added later', async () => {
    const site = current();
    const { owned } = await site.join([site.topic, site.parkingLog]);
    await site.shared(4);
    for (const name of [site.topic, site.parkingLog]) await site.log.ensureTopic(name, { partitions: 6 });
    await site.shared(6);
    await site.log.append(site.topic, [record(null, 'new', { partition: 5 })]);
    assert.deepEqual((await take(owned.get(5)!.open(site.topic, 0), 1)).map(textOf), ['new']);
  });
}

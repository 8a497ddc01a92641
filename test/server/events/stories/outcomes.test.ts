// What became of events that are not simply done: purged, skipped, redriven, given up long ago, or
// from before their consumer.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import { deadTopicOf, parkingLogTopicOf, subscriptionGroupOf } from '../../../../core/names.ts';
import { toTimestamp } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { type OpenLog, overEachLog } from '../../../event-plane/logs.ts';
import { eventually } from '../../../eventually.ts';
import { openStorySite } from './story-site.ts';

const APP = `
kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }
kind: Subscription; metadata: { name: wall }; spec: { topic: orders, from: earliest, to: { function: show }, retry: { attempts: 1 } }
kind: Subscription; metadata: { name: strict }; spec: { topic: orders, from: earliest, order: key, to: { function: show }, retry: { attempts: 1 }, onExhausted: hold }
kind: Subscription; metadata: { name: late }; spec: { topic: orders, from: latest, to: { function: other } }
kind: View; metadata: { name: tables }; spec: { from: [orders], table: { key: "\${event.data.table.name}" } }
kind: Function; metadata: { name: show }; spec: { url: "http://show.example" }
kind: Function; metadata: { name: other }; spec: { url: "http://other.example" }
`;

overEachLog('what became of an event', open => {
  let site: Awaited<ReturnType<typeof openStorySite>>;
  let stop: (() => Promise<void>) | undefined;
  let isBroken = true;
  let audit: AuditEntry[] = [];
  /** The events of the Topic seem so much older, milliseconds. */
  let olderMs = 0;
  const aged: OpenLog = async (database, folder) => {
    const log = await open(database, folder);
    const read: EventLog['read'] = async (topic, ...rest) => {
      const batch = await log.read(topic, ...rest);
      if (topic !== 'default.orders') return batch;
      return { ...batch, records: batch.records.map(each => ({ ...each, timestamp: each.timestamp - olderMs })) };
    };
    return { ...log, read };
  };
  const play = (name: string) => ({ status: name === 'show' && isBroken ? 422 : 200, body: { detail: 'no' } });

  beforeEach(async () => {
    isBroken = true;
    olderMs = 0;
    audit = [];
    site = await openStorySite({ app: APP, folder: tempFolder(), log: aged, play, audit: () => audit });
  });
  afterEach(async () => {
    await stop?.();
    stop = undefined;
    await site.close();
    removeTempFolders();
  });
  const at = async (name: string, id: string) => (await site.at(name, 'orders', id))[0];
  const comesTo = (name: string, id: string, wanted: string) =>
    eventually(async () => {
      const { fate, settling } = (await at(name, id)) ?? {};
      return fate === wanted && settling === undefined;
    }, `it is ${wanted} at ${name}`);
  const command = (
    action: 'redrive' | 'skip' | 'purge',
    kind: 'Subscription' | 'View',
    name: string,
    id: string,
    by = 'token ada',
  ) => {
    const entry = { id: `${audit.length}`, by, from: '::1', namespace: 'default', outcome: 'done' } as const;
    const asked = { action, kind: kind.toLowerCase(), name, ids: [id] };
    audit.unshift({ ...entry, at: toTimestamp(Date.now()), action: 'POST /api/dead-letters/commands', asked });
    return site.letters.command(
      { action, consumer: { kind, namespace: 'default', name }, ids: [id] },
      () => {},
      new AbortController().signal,
    );
  };

  it('is that its dead letter was purged', async () => {
    stop = await site.start();
    const id = await site.publish('orders', { table: { name: 't' } }, { key: 't' });
    await comesTo('Subscription/wall', id, 'dead');
    await command('purge', 'Subscription', 'wall', id);
    await comesTo('Subscription/wall', id, 'purged');
    assert.ok(Date.parse((await at('Subscription/wall', id))?.since ?? '') > 0);
    await comesTo('Subscription/strict', id, 'held');
    await command('purge', 'Subscription', 'strict', id);
    await comesTo('Subscription/strict', id, 'purged');
  });

  it('is that it was redriven, and handled then', async () => {
    stop = await site.start();
    const id = await site.publish('orders', { table: { name: 't' } }, { key: 't' });
    await comesTo('Subscription/wall', id, 'dead');
    await command('redrive', 'Subscription', 'wall', id);
    await eventually(async () => {
      const { fate, redriven, settling } = (await at('Subscription/wall', id)) ?? {};
      return fate === 'dead' && redriven === 1 && settling === undefined;
    }, 'it is given up once more');
    assert.equal((await at('Subscription/wall', id))?.redrivenBy?.by, 'token ada');
    isBroken = false;
    await command('redrive', 'Subscription', 'wall', id, 'token bob');
    await comesTo('Subscription/wall', id, 'done');
    const { redrivenAt = '', ...told } = (await at('Subscription/wall', id)) ?? assert.fail();
    const redrivenBy = { action: 'redrive', by: 'token bob', at: audit[0]?.at };
    assert.deepEqual(told, { fate: 'done', redriven: 2, redrivenBy });
    assert.ok(Date.parse(redrivenAt) >= Date.parse(redrivenBy.at ?? ''));
  });

  it('is that a View has set it aside, and that this was purged', async () => {
    stop = await site.start();
    const id = await site.publish('orders', { table: 'no object' }, { key: 't' });
    await comesTo('View/tables', id, 'dead');
    const { items } = await site.letters.deadLetters({
      consumer: { kind: 'View', namespace: 'default', name: 'tables' },
      limit: 1,
    });
    await command('purge', 'View', 'tables', items[0]?.id ?? '');
    await comesTo('View/tables', id, 'purged');
    assert.ok((await at('View/tables', id))?.error);
  });

  it('may be that it was given up, where older dead letters are kept no longer', async () => {
    stop = await site.start();
    const id = await site.publish('orders', { table: { name: 't' } }, { key: 't' });
    await comesTo('Subscription/wall', id, 'dead');
    const dead = deadTopicOf(subscriptionGroupOf('default', 'wall'));
    await site.log.trim(dead, 0, (await site.log.bounds(dead))?.[0]?.end ?? 0);
    const told = await at('Subscription/wall', id);
    assert.deepEqual([told?.fate, told?.note?.includes('given up so long ago')], ['done', true]);
  });

  it('is that its consumer began behind it', async () => {
    const before = await site.publish('orders', { table: { name: 't' } }, { key: 't' });
    stop = await site.start();
    const group = parkingLogTopicOf(subscriptionGroupOf('default', 'late'));
    await eventually(async () => ((await site.log.bounds(group))?.[0]?.end ?? 0) > 0, 'it has begun');
    assert.match((await at('Subscription/late', before))?.note ?? '', /^It was handled, or the consumer began/);
    olderMs = 60_000;
    const told = await at('Subscription/late', before);
    assert.equal(told?.fate, 'filtered');
    assert.match(told?.note ?? '', /^The consumer began at .+ to read behind it\.$/);
    olderMs = -60_000;
    await eventually(async () => (await at('Subscription/late', before))?.fate === 'done', 'it has passed it');
    assert.deepEqual(await at('Subscription/late', before), { fate: 'done' });
  });
});

// The list of what waits in parking logs, over consumers with several partitions: what is in it, in
// which order, page by page, and what it says of partitions that cannot be read.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ParkedKey, ParkedQuery } from '../../../../admin/parked-view.ts';
import { TenfoldError } from '../../../../core/errors.ts';
import { parkingLogTopicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { createParkedControl } from '../../../../server/events/control/parked-control.ts';
import type { ParkedOwner } from '../../../../server/events/control/parked-deps.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import type { OwnersRecord, Park } from '../../../../worker/parking-log/parking-log-record.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';

const NOW = 1_000_000;
const MINUTE = 60_000;
const world = { ...realWorld, now: () => NOW };
const tell = () => {};
const cause = { name: 'Error', message: 'no price for boom', at: 'menu.ts:12:9' };

function ownerOf(name: string, more: Partial<ParkedOwner['name']> = {}, order: 'key' | 'none' = 'key'): ParkedOwner {
  const settings = { group: `subscription.default.${name}`, topic: 'default.orders', order };
  return { name: { kind: 'Subscription', namespace: 'default', name, ...more }, settings };
}

const wall = ownerOf('wall');
const board = ownerOf('board', { namespace: 'other' });

function parkOf(event: number, key: string, more: Partial<Park> = {}): OwnersRecord {
  const headers = { ce_id: `e${event}`, ce_type: 'OrderCreated', 'content-type': 'application/json' };
  const record = { offset: event, timestamp: 0, key, value: Buffer.from(`{"n":${event}}`), headers };
  return { type: 'park', event, generation: 0, attempts: 0, at: NOW, wait: 0, record, ...more };
}

describe('the list of parked keys', () => {
  let log: EventLog;
  const claims = new Map<string, { claim: number; seq: number }>();
  const write = async ({ settings }: ParkedOwner, partition: number, ...records: OwnersRecord[]) => {
    const topic = parkingLogTopicOf(settings.group);
    const name = `${topic}/${partition}`;
    let at = claims.get(name);
    if (at === undefined) {
      const [place] = await log.append(topic, [encodeParkingLogRecord({ type: 'claim', nonce: 'n' }, partition)]);
      at = { claim: place?.offset ?? -1, seq: 1 };
      claims.set(name, at);
    }
    const { claim } = at;
    for (const record of records)
      await log.append(topic, [encodeParkingLogRecord({ ...record, claim, seq: at.seq++ }, partition)]);
  };
  const controlOf = (most?: number) =>
    createParkedControl({
      world,
      log,
      owners: async () => [wall, board],
      tell,
      ...(most === undefined ? {} : { most }),
    });
  const list = (query: Partial<ParkedQuery> = {}) => controlOf().list({ limit: 100, ...query });
  const idsOf = (items: readonly ParkedKey[]) => items.map(({ consumer, id }) => `${consumer.name} ${id}`);

  beforeEach(async () => {
    claims.clear();
    log = await openInlineLog(join(tempFolder(), 'tenfold.db'));
    await log.ensureTopic('default.orders', { partitions: 3 });
    for (const { settings } of [wall, board])
      await log.ensureTopic(parkingLogTopicOf(settings.group), { partitions: 3 });
    const failed = { attempts: 4, at: NOW + 5000, wait: 20_000, since: NOW - 10 * MINUTE };
    await write(
      wall,
      0,
      parkOf(7, 'boom', { ...failed, failed: 'Timeout', error: { status: 500, message: 'Sorry', cause } }),
    );
    await write(wall, 0, parkOf(9, 'boom'), parkOf(8, 'slow', { at: NOW + 1000, wait: 3000 }));
    await write(wall, 2, parkOf(1, 'held', { hold: { reason: 'refused', since: NOW - MINUTE, deadLettered: true } }));
    await write(board, 1, parkOf(3, 'boom'));
  });
  afterEach(async () => {
    await log.close();
    removeTempFolders();
  });

  it('has each key once, with its head: attempts, next time and cause', async () => {
    const { items, next, unread } = await list();
    assert.deepEqual([next, unread], [undefined, undefined]);
    assert.deepEqual(items[0], {
      consumer: wall.name,
      partition: 0,
      key: 'boom',
      events: 2,
      id: '0-7',
      eventId: 'e7',
      eventType: 'OrderCreated',
      state: 'retrying',
      attempts: 4,
      since: new Date(NOW - 10 * MINUTE).toISOString(),
      nextAttemptAt: new Date(NOW + 5000).toISOString(),
      reason: 'Timeout',
      error: 'Sorry',
      status: 500,
      cause,
    });
    const others = items.slice(1).map(({ id, key, state, events, since, nextAttemptAt }) => {
      return [id, key, state, events, NOW - Date.parse(since), nextAttemptAt && Date.parse(nextAttemptAt) - NOW];
    });
    assert.deepEqual(others, [
      ['0-8', 'slow', 'waiting', 1, 2000, 1000],
      ['2-1', 'held', 'held', 1, MINUTE, undefined],
      ['1-3', 'boom', 'waiting', 1, 0, 0],
    ]);
  });

  it('has those of one consumer, namespace, key, reason, text or age', async () => {
    assert.deepEqual(idsOf((await list({ consumer: board.name })).items), ['board 1-3']);
    assert.deepEqual(idsOf((await list({ namespace: 'default' })).items), ['wall 0-7', 'wall 0-8', 'wall 2-1']);
    const visible = (namespace: string) => namespace !== 'default';
    assert.deepEqual(idsOf((await list({ visible })).items), ['board 1-3']);
    assert.deepEqual((await list({ visible: () => false })).items, []);
    assert.deepEqual(idsOf((await list({ key: 'boom' })).items), ['wall 0-7', 'board 1-3']);
    assert.deepEqual(idsOf((await list({ reason: 'Timeout' })).items), ['wall 0-7']);
    assert.deepEqual(idsOf((await list({ reason: 'Busy' })).items), []);
    for (const text of ['sorry', cause.message.slice(1).toUpperCase(), cause.name])
      assert.deepEqual(idsOf((await list({ text })).items), ['wall 0-7'], text);
    assert.deepEqual(idsOf((await list({ text: 'happy' })).items), []);
    assert.deepEqual(idsOf((await list({ olderThanMs: MINUTE })).items), ['wall 0-7', 'wall 2-1']);
    assert.deepEqual(idsOf((await list({ newerThanMs: 2000 })).items), ['wall 0-8', 'board 1-3']);
  });

  it('comes in pages that have each key once, with a next one only where there is more', async () => {
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const page = await list({ limit, ...(after === undefined ? {} : { after }) });
        seen.push(...idsOf(page.items));
        after = page.next;
        pages++;
      } while (after !== undefined);
      assert.deepEqual(seen, ['wall 0-7', 'wall 0-8', 'wall 2-1', 'board 1-3']);
      assert.equal(pages, Math.ceil(4 / limit));
    }
    await assert.rejects(list({ after: 'x' }), /no place in a list/);
  });

  it('names partitions that hold too much or are of a later release, and lists the others', async () => {
    const topic = parkingLogTopicOf(board.settings.group);
    const later = { key: null, partition: 0, headers: {}, value: Buffer.from('{"v":2}\n') };
    await log.append(topic, [later]);
    const { items, unread = [] } = await controlOf(2).list({ limit: 100 });
    assert.deepEqual(idsOf(items), ['wall 2-1', 'board 1-3']);
    assert.deepEqual(
      unread.map(({ consumer, partition }) => `${consumer.name} ${partition}`),
      ['wall 0', 'board 0'],
    );
    assert.match(unread[0]?.message ?? '', /More than 2 events are parked/);
    assert.match(unread[1]?.message ?? '', /later release/);
  });

  it('names each such partition in one of its pages', async () => {
    const later = { key: null, headers: {}, value: Buffer.from('{"v":2}\n') };
    await log.append(parkingLogTopicOf(wall.settings.group), [{ ...later, partition: 1 }]);
    await log.append(parkingLogTopicOf(board.settings.group), [{ ...later, partition: 2 }]);
    for (const limit of [1, 2, 3, 4]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await list({ limit, ...(after === undefined ? {} : { after }) });
        seen.push(...(page.unread ?? []).map(({ consumer, partition }) => `${consumer.name} ${partition}`));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(seen, ['wall 1', 'board 2'], `${limit} a page`);
    }
  });

  it('fails as a whole where the log is away', async () => {
    const away = Object.assign(Object.create(log), {
      async read() {
        throw new TenfoldError('log-unavailable', 'The log is away.');
      },
    });
    const control = createParkedControl({ world, log: away, owners: async () => [wall], tell });
    await assert.rejects(control.list({ limit: 1 }), /The log is away/);
    await assert.rejects(control.list({ limit: 1 }), /The log is away/);
  });

  it('is the same where the topic of the events was deleted', async () => {
    const before = await list();
    await log.deleteTopic('default.orders');
    assert.deepEqual(await list(), before);
  });

  it('knows no consumer that parks nothing', async () => {
    const view = { kind: 'View', namespace: 'default', name: 'sold' } as const;
    await assert.rejects(
      list({ consumer: view }),
      /There is no View "sold" in namespace "default" that parks events\.$/,
    );
    const other = { ...wall.name, name: 'wal' };
    await assert.rejects(list({ consumer: other }), /that parks events\. There are: wall\.$/);
  });
});

describe('one parked key', () => {
  let log: EventLog;
  const board = ownerOf('board', {}, 'none');
  const control = () => createParkedControl({ world, log, owners: async () => [wall, board], tell });

  beforeEach(async () => {
    log = await openInlineLog(join(tempFolder(), 'tenfold.db'));
    await log.ensureTopic('default.orders', { partitions: 1 });
    for (const { settings } of [wall, board]) {
      const topic = parkingLogTopicOf(settings.group);
      await log.ensureTopic(topic, { partitions: 1 });
      await log.append(topic, [encodeParkingLogRecord({ type: 'claim', nonce: 'n' }, 0)]);
      const records = [parkOf(3, 'a', { attempts: 1, since: 1 }), parkOf(4, 'b'), parkOf(5, 'a'), parkOf(6, 'a')];
      for (const [index, record] of records.entries())
        await log.append(topic, [encodeParkingLogRecord({ ...record, claim: 0, seq: index + 1 }, 0)]);
    }
  });
  afterEach(async () => {
    await log.close();
    removeTempFolders();
  });

  it('shows its event, and all that waits behind it, page by page, whichever event of it is named', async () => {
    for (const id of ['0-3', '0-6']) {
      const { waiting, event, ...first } = await control().read(wall.name, id, { limit: 2 });
      assert.deepEqual([first.id, first.key, first.events, first.data], ['0-3', 'a', 3, { text: '{"n":3}' }]);
      assert.equal(first.headers['ce_id'], 'e3');
      assert.deepEqual([waiting.items.map(each => each.id), waiting.next], [['0-3', '0-5'], '0-5']);
      const rest = await control().read(wall.name, id, { limit: 2, after: '0-5' });
      assert.deepEqual([rest.waiting.items.map(each => each.id), rest.waiting.next], [['0-6'], undefined]);
      assert.equal(event, undefined);
    }
  });

  it('is one event where the consumer keeps no order', async () => {
    const { id, waiting } = await control().read(board.name, '0-5', { limit: 10 });
    assert.deepEqual([id, waiting.items.length], ['0-5', 1]);
  });

  it('is not there once it was handled', async () => {
    const topic = parkingLogTopicOf(wall.settings.group);
    await log.append(topic, [encodeParkingLogRecord({ type: 'done', event: 4, claim: 0, seq: 5 }, 0)]);
    await assert.rejects(
      control().read(wall.name, '0-4', { limit: 1 }),
      /no parked event 0-4: it was handled, was given up, or never was parked/,
    );
    await assert.rejects(control().read(wall.name, '9-4', { limit: 1 }), /no parked event 9-4/);
    await assert.rejects(control().read(wall.name, 'x', { limit: 1 }), /PARTITION-OFFSET/);
  });
});

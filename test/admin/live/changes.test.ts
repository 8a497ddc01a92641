// The stream of changes over a real connection: what it tells, and how its reader goes on after a
// pause.
import assert from 'node:assert/strict';
import { RECHECK_MS } from '../../../admin/access/standing.ts';
import { HEARTBEAT_MS } from '../../../admin/live/change-stream.ts';
import { eventually } from '../../eventually.ts';
import { TOKEN } from '../running-admin.ts';
import { synced } from './followed.ts';
import { consumerOf, kindsOf, LOOK_MS, lagOf, liveReaders, namesOf } from './live-readers.ts';

describe('the stream of changes', () => {
  const readers = liveReaders();

  it('tells the state, and then what changes', async () => {
    const reader = await readers.begin();
    assert.deepEqual(namesOf(reader), [
      'consumer Subscription blue/wall',
      'consumer Subscription green/wall',
      'platform Platform /platform',
      'resource Topic blue/orders',
      'resource Topic green/orders',
    ]);
    const told = reader.events.length;
    readers.platform.consumers = [consumerOf('green', 'wall', 4)];
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => reader.events.length === told + 2, 'two events');
    assert.deepEqual(kindsOf(reader).slice(told), ['changed', 'gone']);
    assert.equal(lagOf(reader), 4);
    assert.ok(!reader.state.has('consumer Subscription blue/wall'));
  });

  it('says nothing while nothing happens but signs of life, and looks no more when nobody reads', async () => {
    const reader = await readers.begin();
    const { length } = reader.events;
    for (let at = 0; at < 40; at++) {
      // An event waits, and each look finds another age: here and in other processes that told it
      // before.
      readers.platform.consumers = readers.platform.consumers.map(one => ({
        ...one,
        oldestAgeMs: 61_500 + (at % 4) * LOOK_MS,
      }));
      await readers.platform.world.pass(LOOK_MS);
    }
    assert.equal(reader.events.length, length);
    assert.ok(readers.platform.looks >= 40, `${readers.platform.looks}`);
    reader.close();
    await eventually(() => reader.isOver, 'its end');
    await readers.platform.world.pass(LOOK_MS);
    const { looks } = readers.platform;
    await readers.platform.world.pass(60_000);
    assert.ok(readers.platform.looks <= looks + 1, 'it still looks');
  });

  it('has headers that keep proxies from holding it back, and asks for a reader in time', async () => {
    const { response } = await readers.begin();
    assert.equal(response.headers['content-type'], 'text/event-stream');
    assert.equal(response.headers['cache-control'], 'no-store, no-transform');
    assert.equal(response.headers['x-accel-buffering'], 'no');
  });

  for (const token of [TOKEN, 'green']) {
    it(`tells the state once the resources are known, to ${token === TOKEN ? 'everybody' : 'whom rights are checked'}`, async () => {
      const { platform } = readers;
      platform.isLoaded = false;
      const reader = await readers.follow('', { token });
      await platform.world.pass(LOOK_MS);
      await eventually(() => reader.state.has('platform Platform /platform'), 'the platform');
      assert.match(reader.state.get('platform Platform /platform') ?? '', /"unknown":\["resource"\]/);
      const other = await readers.begin('?what=platform', { token });
      platform.isLoaded = true;
      await platform.world.pass(RECHECK_MS + LOOK_MS);
      await synced(reader);
      const at = kindsOf(reader).indexOf('synced');
      const before = reader.events.slice(0, at);
      assert.ok(before.some(({ data }) => data.includes('"kind":"Topic","namespace":"green"')));
      assert.deepEqual(namesOf(other), ['platform Platform /platform']);
    });
  }

  it('keeps the resources that it has told where they are not known for a while', async () => {
    const reader = await readers.begin();
    readers.platform.isLoaded = false;
    await readers.platform.world.pass(LOOK_MS);
    await eventually(
      () => /"unknown":\["resource"\]/.test(reader.state.get('platform Platform /platform') ?? ''),
      'it',
    );
    assert.ok(!kindsOf(reader).includes('gone'));
  });

  it('goes on after a break, with what has changed alone', async () => {
    const reader = await readers.begin();
    readers.platform.consumers = [consumerOf('green', 'wall', 9)];
    const next = await readers.again(reader);
    assert.deepEqual(kindsOf(next), ['changed', 'gone', 'synced']);
    assert.equal(lagOf(next), 9);
  });

  it('tells a reader that knows the state only what changes from then on, also after it begins anew', async () => {
    const reader = await readers.begin('?from=latest');
    assert.deepEqual(kindsOf(reader), ['synced']);
    readers.platform.consumers = [consumerOf('green', 'wall', 9)];
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => reader.events.length === 3, 'two events');
    assert.deepEqual(kindsOf(reader).slice(1), ['changed', 'gone']);
    readers.platform.consumers = [consumerOf('green', 'wall', 10)];
    const next = await readers.again(reader, '?from=latest');
    assert.deepEqual(kindsOf(next), ['changed', 'synced']);
    assert.equal(lagOf(next), 10);
    const other = await readers.begin('?from=latest', { lastId: (await readers.begin()).lastId });
    assert.deepEqual(kindsOf(other), ['reset', 'synced']);
  });

  it('goes on from a sign of life where its filter matched nothing', async () => {
    const query = '?what=consumer&name=nobody';
    const reader = await readers.begin(query);
    const { lastId } = reader;
    readers.platform.consumers = [consumerOf('green', 'wall', 9)];
    await readers.platform.world.pass(HEARTBEAT_MS);
    await eventually(() => reader.lastId !== lastId, 'an id of a sign of life');
    assert.deepEqual(kindsOf(await readers.again(reader, query)), ['synced']);
  });

  for (const [why, query, id] of [
    ['it is of another process', '', 'abcdef-3-0123456789ab'],
    ['it is none', '', 'x'],
    ['it is of another filter', '?namespace=green', undefined],
  ] as const) {
    it(`tells all anew where it cannot go on because ${why}`, async () => {
      const reader = await readers.begin();
      const next = await readers.begin(query, { lastId: id ?? reader.lastId, state: new Map([['left', 'over']]) });
      assert.equal(kindsOf(next)[0], 'reset');
      assert.ok(!next.state.has('left'));
      assert.ok(next.state.has('consumer Subscription green/wall'));
      assert.match(next.events[0]?.data ?? '', /"reason":"[A-Z][^"]+\."/);
    });
  }

  it('tells all anew to a reader that was away for longer than names of what is gone are kept', async () => {
    const reader = await readers.begin();
    const other = await readers.begin();
    reader.close();
    for (let round = 0; round < 30; round++) {
      readers.platform.consumers = Array.from({ length: 100 }, (_, at) => consumerOf('green', `${round}-${at}`));
      await readers.platform.world.pass(LOOK_MS);
    }
    const next = await readers.again(reader);
    assert.equal(kindsOf(next)[0], 'reset');
    await eventually(() => next.state.size === other.state.size, 'the same state');
    assert.deepEqual(namesOf(next), namesOf(other));
  });

  it('tells what a filter asks for, and refuses one that it does not know', async () => {
    assert.deepEqual(namesOf(await readers.begin('?what=resource,consumer&namespace=blue')), [
      'consumer Subscription blue/wall',
      'resource Topic blue/orders',
    ]);
    assert.deepEqual(namesOf(await readers.begin('?kind=topics&namespace=blue&name=orders')), [
      'resource Topic blue/orders',
    ]);
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const [query, says] of [
      ['?what=consumers', /Did you mean \\"consumer\\"/],
      ['?kind=tpoic', /Did you mean/],
      ['?since=1', /not known here/],
      ['?from=earliest', /must be latest/],
    ] as const) {
      const answer = await fetch(`${readers.platform.url}${query}`, { headers });
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), says);
    }
  });
});

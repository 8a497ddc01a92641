// The story of one event in the stream of changes.
import assert from 'node:assert/strict';
import { RECHECK_MS } from '../../../admin/access/standing.ts';
import { MOST_OF_CALLER } from '../../../admin/live/live.ts';
import type { ConsumerStory, EventStory, Fate } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { eventually } from '../../eventually.ts';
import type { Followed } from './followed.ts';
import { kindsOf, LOOK_MS, liveReaders, namesOf } from './live-readers.ts';

const STORY = '?what=story&namespace=green&name=orders/0-7';
const NAME = 'story Topic green/orders/0-7';

describe('a story in the stream of changes', () => {
  const readers = liveReaders();
  const fatesOf = ({ state }: Followed): string[] =>
    JSON.parse(state.get(NAME) ?? '{}').consumers?.map(({ fate }: ConsumerStory) => fate);

  beforeEach(() => {
    readers.platform.story = storyOf('waiting');
  });

  it('is told at once, and then whenever it changes, with nothing else', async () => {
    const reader = await readers.begin(STORY);
    assert.deepEqual([kindsOf(reader), namesOf(reader)], [['changed', 'synced'], [NAME]]);
    for (let at = 0; at < 4; at++) await readers.platform.world.pass(LOOK_MS);
    assert.equal(reader.events.length, 2);
    readers.platform.story = storyOf('parked');
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => fatesOf(reader)[0] === 'parked', 'the other fate');
    readers.platform.story = undefined;
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => kindsOf(reader).at(-1) === 'gone', 'its end');
  });

  it('is told anew to a reader that comes back', async () => {
    const reader = await readers.begin(STORY);
    readers.platform.story = storyOf('done');
    const next = await readers.again(reader, STORY);
    assert.deepEqual([kindsOf(next), fatesOf(next)], [['reset', 'changed', 'synced'], ['done']]);
  });

  it('does not begin where there is no such event', async () => {
    const { response } = await readers.follow('?what=story&namespace=green&name=orders/0-8');
    assert.equal(response.statusCode, 404);
  });

  for (const query of ['?what=story', '?what=story&namespace=green&name=orders', '?what=story,topic&name=orders/0-7']) {
    it(`asks for the name of one event: ${query}`, async () => {
      const { response } = await readers.follow(query);
      assert.equal(response.statusCode, 400);
    });
  }

  it('is of no kind that has no stories', async () => {
    const { response } = await readers.follow(`${STORY}&kind=View`);
    assert.equal(response.statusCode, 400);
  });

  it('is nothing that a caller without the right hears of, also when the right was taken back', async () => {
    readers.platform.tokens.set('blue', ['blue']);
    const refused = await readers.follow(STORY, { token: 'blue' });
    assert.equal(refused.response.statusCode, 403);
    const reader = await readers.begin(STORY, { token: 'green' });
    assert.deepEqual(fatesOf(reader), ['waiting']);
    readers.platform.tokens.set('green', ['blue']);
    await readers.platform.world.pass(RECHECK_MS);
    await eventually(() => kindsOf(reader).at(-1) === 'ended', 'the end');
  });

  it('hides consumers of other namespaces', async () => {
    const [own] = storyOf('done').consumers;
    assert.ok(own);
    const other: ConsumerStory = { ...own, fate: 'dead', consumer: { ...own.consumer, namespace: 'blue' } };
    readers.platform.story = { ...storyOf('done'), consumers: [own, other] };
    assert.deepEqual(fatesOf(await readers.begin(STORY, { token: 'green' })), ['done']);
    assert.deepEqual(fatesOf(await readers.begin(STORY, { token: 'both' })), ['done', 'dead']);
  });

  it('ends with the reason where it cannot be told any more', async () => {
    const reader = await readers.begin(STORY);
    readers.platform.storyTrouble = new TenfoldError('store-unavailable', 'The store does not answer.');
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => reader.isOver, 'the end');
    assert.deepEqual(
      [kindsOf(reader).at(-1), JSON.parse(reader.events.at(-1)?.data ?? '{}').code],
      ['ended', 'store-unavailable'],
    );
  });

  it(`counts among the ${MOST_OF_CALLER} streams of a caller, and no more when it has left`, async () => {
    const all = await Promise.all(Array.from({ length: MOST_OF_CALLER }, () => readers.follow(STORY)));
    assert.equal((await readers.follow()).response.statusCode, 429);
    assert.equal((await readers.follow(STORY)).response.statusCode, 429);
    all[0]?.close();
    await eventually(async () => (await readers.follow()).response.statusCode === 200, 'a place');
  });

  it('is looked at no more when nobody follows it', async () => {
    const reader = await readers.begin(STORY);
    reader.close();
    await eventually(() => reader.isOver, 'its end');
    await readers.platform.world.pass(LOOK_MS);
    const { stories } = readers.platform;
    await readers.platform.world.pass(60_000);
    assert.equal(readers.platform.stories, stories);
  });

  it('ends when the process does', async () => {
    const reader = await readers.begin(STORY);
    readers.platform.live.close();
    await eventually(() => kindsOf(reader).at(-1) === 'ended', 'the end');
  });
});

function storyOf(fate: Fate): EventStory {
  const event = { partition: 0, offset: 7, id: '17', type: 'order', source: '/shop', key: 'ada', bytes: 2 };
  const consumer = { kind: 'Subscription', namespace: 'green', name: 'wall' } as const;
  return { event, consumers: [{ consumer, fate }], cameFrom: [], ledTo: [] };
}

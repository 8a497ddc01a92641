// `tenfold story --follow`: the story, what changes of it, and its end.
import assert from 'node:assert/strict';
import type { ConsumerStory, EventStory, Fate, StoryLink } from '../../../admin/story-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { fakeTopicEvent, orders } from './topic-fakes.ts';

describe('story --follow', () => {
  let admin: AdminRun;
  /** What each look finds; the last one stays. */
  let looks: (EventStory | TenfoldError)[] = [];
  const next = <T>(list: T[]): T => (list.length > 1 ? list.shift() : list[0]) as T;

  before(async () => {
    admin = await startAdminRun({
      topics: async () => [orders],
      stories: {
        async tell() {
          const story = next(looks);
          if (story instanceof TenfoldError) throw story;
          return story;
        },
        tellJob: async () => assert.fail('no job is followed'),
      },
    });
  });
  after(() => admin.close());
  const run = (...words: string[]) => admin.run(['story', '3-7', '--topic', 'orders', '--follow', ...words]);

  it('prints the story, then the lines that changed, and ends when nothing of it goes on', async () => {
    looks = [storyOf('waiting', 'done'), storyOf('parked', 'done'), storyOf('done', 'done')];
    const { code, stdout } = await run();
    assert.equal(code, 0);
    const [head = '', ...news] = stdout.split(/\n\n\d{4}-\d\d-\d\dT[\d:.]+Z\n/);
    assert.match(head, /subscription\/wall +waiting[\s\S]*subscription\/mail +done/);
    assert.equal(news.length, 2);
    assert.match(news[0] ?? '', /^subscription\/wall +parked/);
    assert.match(news[1] ?? '', /^subscription\/wall +done/);
    assert.doesNotMatch(news.join(''), /mail/);
  });

  it('prints a sentence whole, also where some of its lines are those of before', async () => {
    const [same, changed] = ['and what comes after it is the same again and again. '.repeat(4), 'for the second time'];
    const because = (which: string) => ({ ...storyOf('parked'), because: `It failed ${which}, ${same}`.trim() });
    looks = [because('once'), because(changed), storyOf('done')];
    const { stdout } = await run();
    const [, told = ''] = stdout.split(/\n\n\d{4}-\d\d-\d\dT[\d:.]+Z\n/);
    assert.equal(told.replaceAll('\n', ' '), because(changed).because);
  });

  it('ends at once where it is over, and prints what it led to', async () => {
    looks = [{ ...storyOf('done'), ledTo: [LINK] }];
    const { code, stdout } = await run();
    assert.equal(code, 0);
    assert.match(stdout, /receipts/);
  });

  it('waits for a dead letter that is being written', async () => {
    const dead = storyOf('dead');
    const [one] = dead.consumers;
    assert.ok(one);
    looks = [{ ...dead, consumers: [{ ...one, settling: true }] }, dead];
    const { code, stdout } = await run('-o', 'json');
    assert.equal(code, 0);
    const lines: EventStory[] = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ consumers }) => consumers[0]?.settling),
      [true, undefined],
    );
  });

  it('goes on when the story could not be told for a while', async () => {
    const away = new TenfoldError('store-unavailable', 'The store does not answer.');
    looks = [storyOf('waiting'), storyOf('waiting'), away, storyOf('done')];
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0);
    assert.match(stderr, /The store does not answer\. Trying again\./);
    assert.match(stdout, /subscription\/wall +done/);
  });

  it('says that the log keeps the event no longer', async () => {
    looks = [storyOf('held'), storyOf('held'), new TenfoldError('not-found', 'There is no such event.')];
    const { code, stderr } = await run();
    assert.equal(code, 3);
    assert.match(stderr, /The platform keeps it no longer/);
  });

  it('prints no YAML', async () => {
    const { code, stderr } = await run('-o', 'yaml');
    assert.equal(code, 2);
    assert.match(stderr, /-o yaml does not go with --follow/);
  });
});

const LINK: StoryLink = {
  how: 'to',
  by: { kind: 'Subscription', namespace: 'default', name: 'wall' },
  of: { kind: 'Topic', namespace: 'default', name: 'receipts' },
  id: '0-1',
};

function storyOf(...fates: readonly Fate[]): EventStory {
  const consumers = fates.map((fate, at): ConsumerStory => {
    return { consumer: { kind: 'Subscription', namespace: 'default', name: ['wall', 'mail'][at] ?? '-' }, fate };
  });
  return { event: fakeTopicEvent(7), consumers, cameFrom: [], ledTo: [] };
}

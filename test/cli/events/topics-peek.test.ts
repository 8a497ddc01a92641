// `tenfold topics peek`: what is asked for and printed, and what is said of bounds.
import assert from 'node:assert/strict';
import type { TopicEventPage, TopicQuery } from '../../../admin/topic-view.ts';
import { peekTopic } from '../../../cli/topics/peek.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { broken, CONTROL, fakeTopicEvent, hostile, image, large, orders, pageOf } from './topic-fakes.ts';

describe('topics peek', () => {
  let admin: AdminRun;
  let pages: TopicEventPage[] = [];
  const asked: unknown[] = [];

  before(async () => {
    admin = await startAdminRun({
      topics: async () => [orders, { ...orders, name: 'twice' }, { ...orders, name: 'twice', namespace: 'other' }],
      topicEvents: {
        async list(namespace, name, query) {
          asked.push({ namespace, name, ...query });
          return pages.shift() ?? assert.fail('one page too many');
        },
        follow: async function* () {},
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    pages = [];
    asked.length = 0;
  });
  const run = (...words: string[]) => admin.run(['topics', ...words]);

  it('shows what is there, and nothing of it steers the terminal', async () => {
    const items = [fakeTopicEvent(7), hostile, large, image, broken];
    pages = [pageOf(items), pageOf(items)];
    const { code, stdout, stderr } = await run('peek', 'orders');
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('topics/peek.txt', stdout);
    assertGolden('topics/peek-wide.txt', (await run('peek', 'orders', '-o', 'wide')).stdout);
    assert.doesNotMatch(stdout, CONTROL);
  });

  for (const format of ['json', 'yaml', 'name'])
    it(`prints as ${format} without control characters`, async () => {
      pages = [pageOf([fakeTopicEvent(7), hostile])];
      const { stdout } = await run('peek', 'orders', '-o', format);
      assert.doesNotMatch(stdout, CONTROL);
      if (format === 'json')
        assert.deepEqual(JSON.parse(stdout).items, JSON.parse(JSON.stringify([fakeTopicEvent(7), hostile])));
      if (format === 'name') assert.equal(stdout, '3-7\n3-8\n');
    });

  it('asks for what the options say', async () => {
    pages = [pageOf([]), pageOf([])];
    await run(
      'peek',
      'orders',
      '--key',
      'k',
      '--id',
      'e1',
      '--filter',
      'event.type == "x"',
      '--partition',
      '3',
      '--full',
    );
    await run('peek', 'orders', '-n', 'other', '--from', '3-17', '--limit', '7');
    const narrow = { key: 'k', id: 'e1', filter: 'event.type == "x"', partition: 3, dataBytes: 1_048_576, limit: 10 };
    assert.deepEqual(asked, [
      { namespace: 'default', name: 'orders', ...narrow },
      { namespace: 'other', name: 'orders', from: '3-17', limit: 7 },
    ]);
  });

  it('makes a time of how long ago it was', async () => {
    pages = [pageOf([]), pageOf([])];
    await run('peek', 'orders', '--from', '2h');
    await run('peek', 'orders', '--from', '2026-11-24T08:00:00+01:00');
    const [ago, time] = (asked as TopicQuery[]).map(({ from }) => from);
    assert.ok(Math.abs(Date.now() - 7_200_000 - Date.parse(ago ?? '')) < 600_000);
    assert.equal(time, '2026-11-24T07:00:00.000Z');
  });

  it('goes from page to page until it has enough, and says how to go on', async () => {
    const [one, two] = [fakeTopicEvent(1), fakeTopicEvent(2)];
    pages = [
      pageOf([], {
        ended: 'records',
        next: 'at_1',
        expired: 2,
        undecided: { count: 1, first: '0-4', message: 'no cups' },
      }),
      pageOf([one], { ended: 'time', next: 'at_2', undecided: { count: 1, first: '0-9', message: 'none' } }),
      pageOf([two], { ended: 'limit', next: 'at_3' }),
    ];
    const { stdout, stderr } = await run('peek', 'orders', '--limit', '2', '-o', 'name', '--id', 'e');
    assert.equal(stdout, '3-1\n3-2\n');
    assertGolden('topics/peek-notes.txt', stderr);
    assert.deepEqual(
      (asked as TopicQuery[]).map(({ after, limit, id }) => [after, limit, id]),
      [
        [undefined, 2, 'e'],
        ['at_1', 2, 'e'],
        ['at_2', 1, 'e'],
      ],
    );
  });

  it('shows its progress to a person, and to nobody else', async () => {
    const far = { ended: 'time', next: 'at_1', progress: { done: 10, total: 40 } } as const;
    pages = [pageOf([], far), pageOf([])];
    assert.match(
      (await admin.run(['topics', 'peek', 'orders'], { talkColumns: 80 })).stderr,
      /10 of 40 events searched/,
    );
    pages = [pageOf([], far), pageOf([])];
    assert.equal((await run('peek', 'orders')).stderr, 'No such events.\n');
  });

  it('prints what it has found by Ctrl-C, and where to go on', async () => {
    const stop = new AbortController();
    const terminal = fakeTerminal();
    const client = {
      topics: async () => ({ items: [orders] }),
      async topicEvents(_topic: unknown, { after }: { after?: string }) {
        if (after === undefined)
          return pageOf([fakeTopicEvent(1)], { ended: 'time', next: 'at_1', progress: { done: 10, total: 40 } });
        stop.abort();
        throw new Error('aborted');
      },
    };
    const select = { filter: undefined, key: undefined, id: 'x', partition: undefined, dataBytes: undefined };
    const topic = { name: 'orders', namespace: undefined };
    const request = { topic, from: undefined, select, limit: 5, format: 'name', signal: stop.signal } as const;
    await peekTopic(request, client as never, terminal);
    assert.deepEqual(
      [terminal.exitCode, terminal.stdout, terminal.stderr],
      [130, '3-1\n', 'Stopped after 10 of 40 events. Go on with --from at_1\n'],
    );
  });

  const refused: Readonly<Record<string, readonly [words: readonly string[], code: number, why: RegExp]>> = {
    'no Topic': [['peek'], 2, /not said which Topic/],
    'a Topic that is not there': [['peek', 'order'], 3, /no Topic "order"\. Did you mean "orders"/],
    'a name in two namespaces': [['peek', 'twice'], 2, /several namespaces/],
    'a place that is none': [['peek', 'orders', '--from', 'soon'], 2, /no place to begin/],
    'to follow': [['peek', 'orders', '--follow'], 2, /--follow is for tail/],
    'a place and a number': [['tail', 'orders', '--from', '2h', '--limit', '3'], 2, /Both --from and --limit/],
    'YAML line by line': [['tail', 'orders', '-o', 'yaml'], 2, /yaml is for peek/],
    'a partition that is none': [['peek', 'orders', '--partition', 'x'], 2, /whole number/],
  };
  for (const [what, [words, code, why]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const answer = await run(...words);
      assert.equal(answer.code, code);
      assert.match(answer.stderr, why);
    });
  }
});

// `tenfold topics tail`: what is printed line by line, and that it goes on after the platform was
// away.
import assert from 'node:assert/strict';
import type { FollowQuery, TopicLine } from '../../../admin/topic-view.ts';
import { tailTopic } from '../../../cli/topics/tail.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { at, CONTROL, fakeTopicEvent, hostile, image, lineOf, orders } from './topic-fakes.ts';

describe('topics tail', () => {
  let admin: AdminRun;
  let lines: TopicLine[] = [];
  const asked: unknown[] = [];

  before(async () => {
    admin = await startAdminRun({
      topics: async () => [orders, { ...orders, name: 'twice' }, { ...orders, name: 'twice', namespace: 'other' }],
      topicEvents: {
        list: async () => assert.fail('nobody asks for a page'),
        async *follow(namespace, name, query) {
          asked.push({ namespace, name, ...query });
          yield* lines;
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    lines = [];
    asked.length = 0;
  });
  const run = (...words: string[]) => admin.run(['topics', ...words]);

  it('prints the last ones line by line', async () => {
    lines = [
      lineOf(fakeTopicEvent(7)),
      lineOf(hostile),
      lineOf(image),
      at('at_1'),
      { ...at('at_1'), kind: 'done' } as TopicLine,
    ];
    const { code, stdout } = await run('tail', 'orders');
    assert.equal(code, 0);
    assertGolden('topics/tail.txt', stdout);
    assert.doesNotMatch(stdout, CONTROL);
    const json = await run('tail', 'orders', '--limit', '2', '-o', 'json');
    assert.doesNotMatch(json.stdout, CONTROL);
    assert.deepEqual(JSON.parse(json.stdout.split('\n')[1] ?? ''), JSON.parse(JSON.stringify(hostile)));
    assert.deepEqual(
      (asked as FollowQuery[]).map(({ last, follow }) => [last, follow]),
      [
        [10, false],
        [2, false],
      ],
    );
  });

  it('says what was not searched, what is gone and what a filter could not decide', async () => {
    const undecided = { count: 3, first: '0-1', message: 'no cups\u001b[2J' };
    lines = [
      { kind: 'incomplete', found: 0, scanned: 400 },
      at('at_1', { expired: 1, undecided }),
      { ...at('at_1'), kind: 'done' } as TopicLine,
    ];
    assertGolden('topics/tail-notes.txt', (await run('tail', 'orders', '--filter', 'event.data.cups > 1')).stderr);
  });

  it('ends with an error where the answer does', async () => {
    lines = [at('at_1')];
    const { code, stderr } = await run('tail', 'orders');
    assert.equal(code, 5);
    assert.match(stderr, /broke off/);
  });

  it('goes on after the platform was away, without an event twice, until Ctrl-C', async () => {
    const stop = new AbortController();
    const terminal = fakeTerminal();
    const queries: FollowQuery[] = [];
    const answers: readonly (readonly (TopicLine | Error)[])[] = [
      [lineOf(fakeTopicEvent(1)), at('at_1'), lineOf(fakeTopicEvent(2)), new TenfoldError('shutting-down', 'It ends.')],
      [at('at_1'), lineOf(fakeTopicEvent(2)), lineOf(fakeTopicEvent(3)), new TenfoldError('log-unavailable', 'Away.')],
      [lineOf(fakeTopicEvent(4))],
    ];
    const client = {
      topics: async () => ({ items: [orders] }),
      async *followTopic(_topic: unknown, query: FollowQuery) {
        const answer = answers[queries.push(query) - 1] ?? assert.fail();
        for (const line of answer) {
          if (line instanceof Error) throw line;
          yield line;
        }
        await new Promise(resolve => stop.signal.addEventListener('abort', resolve, { once: true }));
      },
    };
    const select = { filter: undefined, key: undefined, id: undefined, partition: undefined, dataBytes: undefined };
    const topic = { name: 'orders', namespace: undefined };
    const request = {
      topic,
      from: undefined,
      last: 1,
      select,
      follow: true,
      format: 'name',
      signal: stop.signal,
    } as const;
    const tailing = tailTopic(request, async () => client as never, terminal);
    await eventually(() => terminal.stdout.includes('3-4'), 'it goes on');
    stop.abort();
    await tailing;
    assert.deepEqual([terminal.stdout, terminal.exitCode], ['3-1\n3-2\n3-3\n3-4\n', 0]);
    assert.deepEqual(
      queries.map(({ last, from }) => last ?? from),
      [1, 'at_1', 'at_1'],
    );
    assert.equal(terminal.stderr, 'It ends. Trying again.\nAway. Trying again.\n');
  });
});

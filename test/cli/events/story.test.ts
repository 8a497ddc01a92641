// `tenfold story`: where it looks for the event, what it says became of it, and what when there is
// none.
import assert from 'node:assert/strict';
import type { ConsumerStory, EventStory } from '../../../admin/story-view.ts';
import type { FindQuery, FoundEvent, FoundPage } from '../../../admin/topic-view.ts';
import { tellStory } from '../../../cli/story/tell-story.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';
import { CONTROL, fakeTopicEvent } from './topic-fakes.ts';

const of = (name: string, story: Omit<ConsumerStory, 'consumer'>): ConsumerStory => ({
  consumer: { kind: 'Subscription', namespace: 'default', name },
  ...story,
});
const cause = { name: 'Error', message: 'no price\u001b[2J for boom', at: 'menu.ts:12:9' };
const consumers: readonly ConsumerStory[] = [
  of('done', {
    fate: 'done',
    took: { ms: 12.3, startedAt: '2026-01-01T00:00:00.000Z', attempt: 2, together: 3, host: 'worker-0' },
  }),
  of('late', { fate: 'done', took: 'unknown', note: 'It was handled, or the consumer began to read after it.' }),
  of('filtered', { fate: 'filtered' }),
  of('idle', { fate: 'waiting', ahead: 12 }),
  of('next', { fate: 'waiting', ahead: 0 }),
  of('parked', { fate: 'parked', attempts: 3, nextAttemptAt: '2026-01-01T00:00:00.000Z', status: 500, cause }),
  of('behind', { fate: 'parked', attempts: 0, behind: '3-2', because: 'It waits behind 3-2\u001b[2J of its key.' }),
  of('dead', { fate: 'dead', reason: 'refused', attempts: 1, redriven: 2, error: 'no such cup', status: 422 }),
  of('purged', {
    fate: 'purged',
    by: { action: 'purge', by: 'ada\u001b[2J', at: '2026-01-01T00:00:00.000Z', operation: 'o1' },
  }),
  of('redriven', {
    fate: 'done',
    redriven: 1,
    redrivenBy: { action: 'edit', by: 'bob', at: '2026-01-01T00:00:00.000Z', operation: 'o2' },
  }),
  of('again', { fate: 'done', redriven: 2, redrivenAt: '2026-01-01T00:00:00.000Z' }),
  of('held', { fate: 'held', reason: 'exhausted', attempts: 8, error: 'away', status: 503 }),
  {
    ...of('orders', {
      fate: 'done',
      generation: '0123456789ab',
      rows: ['t1', 't2', 't3', 't4', 't5', 't6'],
      moreRows: 4,
    }),
    consumer: { kind: 'View', namespace: 'default', name: 'orders' },
  },
  {
    ...of('orders', { fate: 'waiting', ahead: 3, generation: 'ba9876543210', building: true, rows: ['t1'] }),
    consumer: { kind: 'View', namespace: 'default', name: 'orders' },
  },
  {
    ...of('rush/window.0123456789ab', {
      fate: 'done',
      windows: [
        { key: 'tea', start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T00:01:00.000Z' },
        { key: '', around: '2026-01-01T00:00:00.000Z' },
      ],
    }),
    consumer: { kind: 'Pipeline', namespace: 'default', name: 'rush/window.0123456789ab' },
  },
  of('unknown', { fate: 'unknown', note: 'A later release has written it.' }),
];

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const JOB = '0-17-5f0c9b1d2a3e4f60';

function foundAt(offset: number, more: Partial<FoundEvent> = {}): FoundEvent {
  const { partition, appendedAt = '', key, type = '', source = '' } = fakeTopicEvent(offset);
  const owner = { kind: 'Topic', namespace: 'default', name: 'orders' } as const;
  return { owner, partition, offset, appendedAt, key, id: 'e7', type, source, traces: [], ...more };
}

function foundPage(items: readonly FoundEvent[], more: Partial<FoundPage> = {}): FoundPage {
  const owner = { kind: 'Topic', namespace: 'default', name: 'orders' } as const;
  const looked = [{ owner, done: 40, total: 40 }];
  return { items, ended: 'end', looked, rest: 0, scanned: items.length, unindexed: 0, ...more };
}

const AT = '2026-01-01T00:00:00.000Z';
const WALL = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const placeOf = (kind: 'Topic' | 'Queue', name: string) => ({ kind, namespace: 'default', name });
const LINKS: Omit<EventStory, 'event' | 'consumers'> = {
  because: 'Subscription wall: It waits behind 3-2\u001b[2J of its key.',
  cameFrom: [{ how: 'reply', by: WALL, of: placeOf('Topic', 'orders\u001b[2J'), id: '0-3' }],
  unreadBefore: [{ of: placeOf('Topic', 'orders'), partition: 0, at: AT }],
  ledTo: [
    { how: 'to', by: WALL, of: placeOf('Queue', 'imports'), id: '0-7-0123456789abcdef' },
    { how: 'window', by: WALL, of: placeOf('Topic', 'rushes') },
  ],
  moreLedTo: 3,
  unreadAfter: [
    { of: placeOf('Queue', 'imports'), partition: 1, at: AT },
    { of: placeOf('Queue', 'imports'), partition: 0, at: '2025-01-01T00:00:00.000Z' },
  ],
};

describe('story', () => {
  let admin: AdminRun;
  /** The answers to come; nothing is found after them. */
  let pages: FoundPage[] = [];
  let told = consumers;
  let links: Omit<EventStory, 'event' | 'consumers'> = { cameFrom: [], ledTo: [] };
  const asked: unknown[] = [];
  const event = fakeTopicEvent(7, { id: 'e7\u009b2J' });

  before(async () => {
    const topic = {
      namespace: 'default',
      name: 'orders',
      topic: 'o',
      there: true,
      partitions: 1,
      events: 1,
      appended: 1,
    };
    admin = await startAdminRun({
      topics: async () => [topic],
      finding: {
        async find({ namespace: _, limit: _2, ...query }: FindQuery) {
          asked.push(query);
          return pages.shift() ?? foundPage([]);
        },
      },
      stories: {
        tellJob: async () => assert.fail('no job is to be told of'),
        async tell(namespace, topic, id, query) {
          asked.push(`${namespace}/${topic} ${id}`);
          if (Object.keys(query).length > 0) asked.push({ ...query });
          return { event, consumers: told, ...links };
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    pages = [];
    told = consumers;
    links = { cameFrom: [], ledTo: [] };
    asked.length = 0;
  });
  const run = (...words: string[]) => admin.run(['story', ...words]);
  const still = (text: string) => text.replace(/, [0-9dhms]+ ago/g, ', SOME ago');

  it('looks for the id as far as there is anything to look at, and says what became of the event', async () => {
    pages = [foundPage([], { ended: 'records', next: 'topic/orders/at_1' }), foundPage([foundAt(7)])];
    const { code, stdout, stderr } = await run('e7');
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('story/story.txt', still(stdout));
    assert.doesNotMatch(stdout, CONTROL);
    assert.deepEqual(asked, [{ id: 'e7' }, { id: 'e7', after: 'topic/orders/at_1' }, 'default/orders 3-7']);
  });

  it('looks for a trace and a job where the text may be one, and for a key last', async () => {
    await run(TRACE);
    await run(JOB);
    await run('table-7');
    const words = asked.map(query => Object.entries(query as object).join(' '));
    const wanted = [
      [`trace,${TRACE}`, `id,${TRACE}`, `key,${TRACE}`],
      [`job,${JOB}`, `id,${JOB}`, `key,${JOB}`],
    ];
    assert.deepEqual(words, [...wanted.flat(), 'id,table-7', 'key,table-7']);
  });

  it('takes the place of an event in a topic', async () => {
    const { code } = await run('3-7', '--topic', 'orders');
    assert.deepEqual([code, asked], [0, ['default/orders 3-7']]);
  });

  it('says what the event came from and led to, and how far it has searched', async () => {
    told = [];
    links = LINKS;
    const { stdout } = await run('3-7', '--topic', 'orders', '--led-since', AT);
    assertGolden('story/links.txt', still(stdout));
    assert.doesNotMatch(stdout, CONTROL);
    assert.deepEqual(asked, ['default/orders 3-7', { ledSince: AT }]);
  });

  it('looks through one topic between two times', async () => {
    pages = [foundPage([foundAt(7)])];
    told = [];
    const times = ['--from', '2026-11-24T08:00:00Z', '--until', '2026-11-24T09:00:00Z'];
    const { stdout } = await run('e7', '--topic', 'orders', ...times);
    const [since, until] = [Date.UTC(2026, 10, 24, 8), Date.UTC(2026, 10, 24, 9)];
    assert.deepEqual(asked, [{ id: 'e7', topic: 'orders', since, until }, 'default/orders 3-7']);
    assert.match(stdout, /no consumers/);
    const wrong = await run('e7', '--from', 'soon');
    assert.equal(wrong.code, 2);
  });

  it('lists several to choose from, with the next command', async () => {
    const long = foundAt(9, { id: 'x'.repeat(10_000), key: 'k\u001b[2J' });
    const other = foundAt(8, { source: '/other', owner: { kind: 'Queue', namespace: 'default', name: 'import' } });
    pages = [foundPage([long, other, foundAt(7)])];
    const { code, stdout, stderr } = await run('e7');
    assert.equal(code, 0);
    assertGolden('story/choice.txt', stdout + stderr);
    assert.doesNotMatch(stdout, CONTROL);
    assert.deepEqual(asked, [{ id: 'e7' }]);
  });

  it('says that there are more than it lists', async () => {
    pages = [
      foundPage(
        Array.from({ length: 21 }, (_, at) => foundAt(at)),
        { ended: 'limit', next: 'x' },
      ),
    ];
    const { stdout, stderr } = await run('e7');
    assert.equal(stdout.trimEnd().split('\n').length, 21);
    assert.match(stderr, /more than these 20/);
  });

  it('counts the consumers in namespaces that the caller may not view', async () => {
    const terminal = fakeTerminal();
    const client = {
      findEvents: async () => foundPage([foundAt(7)]),
      story: async () => ({ event, consumers: [], hidden: 2, cameFrom: [], ledTo: [] }),
    };
    const signal = new AbortController().signal;
    const request = { event: 'e7', namespace: 'default', topic: undefined, from: undefined, until: undefined, signal };
    await tellStory({ ...request, format: 'table' }, client as never, terminal);
    assert.match(terminal.stdout, /Left out: 2 consumers in namespaces that you may not view\.\n$/);
  });

  it('prints as data without control characters', async () => {
    for (const format of ['json', 'yaml']) {
      pages = [foundPage([foundAt(7), foundAt(8)])];
      const { stdout } = await run('e7', '-o', format);
      assert.doesNotMatch(stdout, CONTROL);
      if (format === 'json') {
        const { items } = JSON.parse(stdout);
        assert.deepEqual([items.length, items[0].consumers.length], [2, consumers.length]);
      }
    }
  });

  it('says that there is none, and where it has looked how far', async () => {
    const { code, stderr } = await run('e8');
    assert.equal(code, 3);
    assert.match(stderr, /No Topic or Queue holds an event with the id or key "e8"\./);
    const none = /No Topic or Queue of namespace "default" holds an event with the id or key "e8"\./;
    assert.match((await run('e8', '-n', 'default')).stderr, none);
    assert.match(stderr, /It looked through 40 events of orders\..*\n.*tenfold topics peek/);
    const narrow = await run('e8', '--topic', 'orders', '--from', '2h');
    assert.match(narrow.stderr, /The topic "orders" holds no event with the id or key "e8" from 2h on/);
  });

  it('ends with what it has found by Ctrl-C', async () => {
    const stop = new AbortController();
    const terminal = fakeTerminal();
    const [looked] = foundPage([]).looked;
    const client = {
      async findEvents({ after }: FindQuery) {
        if (after === undefined) {
          const far = looked === undefined ? [] : [{ ...looked, done: 10 }];
          return foundPage([foundAt(7)], { ended: 'time', next: 'topic/orders/at_1', looked: far });
        }
        stop.abort();
        throw new Error('aborted');
      },
      story: async () => ({ event, consumers, cameFrom: [], ledTo: [] }),
    };
    const request = { event: 'e7', namespace: 'default', topic: 'orders', from: undefined, until: undefined } as const;
    await tellStory({ ...request, format: 'json', signal: stop.signal }, client as never, terminal);
    assert.equal(terminal.exitCode, 130);
    assert.equal(JSON.parse(terminal.stdout).items.length, 1);
    assert.equal(terminal.stderr, 'Stopped after 10 of 40 events of orders.\n');
  });
});

// `tenfold parked`: what is listed and shown, what is asked for, what is said of what is left out.
import assert from 'node:assert/strict';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import type {
  ParkedCommand,
  ParkedEvent,
  ParkedProgress,
  ParkedQuery,
  UnreadPartition,
} from '../../../admin/parked-view.ts';
import { nextWords } from '../../../cli/parked/list.ts';
import { fakeConsumer, fakeLetter, fakeParked } from '../../fakes/consumer-report.ts';
import { createFakeOperations } from '../../fakes/fake-operations.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

/** What a function throws is not to steer the terminal. */
const cause = { name: 'Error', message: 'no price\u001b[2J for boom', at: 'menu.ts:12:9', trace: '4bf92f3577b34da6' };
const wall = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;

const eventOf = (id: string): ParkedEvent => {
  const { consumer: _, partition: _p, key: _k, events: _e, ...event } = fakeParked(id, { state: 'waiting' });
  return event;
};

describe('parked', () => {
  let admin: AdminRun;
  let keys = [fakeParked('0-17')];
  let unread: UnreadPartition[] = [];
  const asked: ParkedQuery[] = [];
  const read: unknown[] = [];
  const ordered: ParkedCommand[] = [];
  let state: ConsumerReport['state'];
  let end: ParkedProgress;

  const operations = createFakeOperations();

  before(async () => {
    admin = await startAdminRun({
      operations,
      consumers: async () => [fakeConsumer('wall', { state }), fakeConsumer('import', { kind: 'Queue' })],
      parked: {
        async list(query) {
          asked.push(query);
          const from = Number(query.after ?? 0);
          const to = from + query.limit;
          const next = to < keys.length ? { next: String(to) } : {};
          return { items: keys.slice(from, to), ...next, ...(from === 0 && unread.length > 0 ? { unread } : {}) };
        },
        async read(consumer, id, page) {
          read.push([consumer, id, page]);
          const from = Number(page.after ?? 0);
          const all = [eventOf('0-17'), eventOf('0-19'), eventOf('0-23')];
          const to = from + page.limit;
          const waiting = { items: all.slice(from, to), ...(to < all.length ? { next: String(to) } : {}) };
          const { event, headers, data } = fakeLetter(id);
          return { ...fakeParked('0-17', { cause }), event, headers, data, waiting };
        },
        async command(command, progress) {
          ordered.push(command);
          progress({ taken: 1, unconfirmed: 0, failed: [], total: 1 });
          return end;
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    keys = [
      fakeParked('0-17', { cause }),
      fakeParked('1-3', { key: null, state: 'held', consumer: { ...wall, kind: 'Queue', name: 'import' } }),
    ];
    unread = [];
    asked.length = 0;
    read.length = 0;
    ordered.length = 0;
    state = 'running';
    end = { taken: 2, unconfirmed: 0, failed: [], total: 2 };
    operations.asked.length = 0;
    operations.next = { total: 2, notes: [] };
  });
  const run = (...words: string[]) => admin.run(['parked', ...words]);
  /** Ages go on. */
  const still = (text: string) => text.replace(/\b(\d+[dhms])+\b/g, 'SOME').replace(/\b {2,}/g, '  ');

  it('lists the keys of all consumers, without what others wrote into them steering the terminal', async () => {
    const { code, stdout } = await run('list');
    assert.equal(code, 0);
    assertGolden('parked/list.txt', still(stdout));
    assertGolden('parked/list-wide.txt', still((await run('list', 'wall', '-o', 'wide')).stdout));
    assert.deepEqual(JSON.parse((await run('list', '-o', 'json')).stdout), { items: keys });
    assert.equal((await run('list', '-o', 'name')).stdout, 'subscription/wall 0-17\nqueue/import 1-3\n');
  });

  it('asks for those of one consumer, key, reason and age, and of a namespace', async () => {
    await run('list', 'wall', '--key', 'k', '--reason', 'Busy', '--older-than', '1h', '--newer-than', '2d');
    await run('list', '-n', 'other');
    assert.deepEqual(asked, [
      { consumer: wall, key: 'k', reason: 'Busy', olderThanMs: 3_600_000, newerThanMs: 172_800_000, limit: 100 },
      { namespace: 'other', limit: 100 },
    ]);
  });

  it('goes from page to page, and says that there are more', async () => {
    keys = Array.from({ length: 2500 }, (_, index) => fakeParked(`0-${index}`));
    const some = await run('list', '-o', 'name', '--limit', '1500');
    assert.equal(some.stdout.trim().split('\n').length, 1500);
    assert.match(some.stderr, /There are more/);
    assert.equal((await run('list', '-o', 'name', '--limit', '2500')).stderr, '');
  });

  it('names partitions that are not listed, and ends with 4', async () => {
    unread = [{ consumer: wall, partition: 3, message: 'More than 5 events are parked.' }];
    const { code, stdout, stderr } = await run('list');
    assert.equal(code, 4);
    assert.match(stdout, /0-17/);
    assert.equal(stderr, 'Partition 3 of subscription/wall is not listed: More than 5 events are parked.\n');
    assert.deepEqual(JSON.parse((await run('list', '-o', 'json')).stdout).unread, unread);
  });

  it('says so where nothing is parked', async () => {
    keys = [];
    const { code, stderr } = await run('list');
    assert.deepEqual([code, stderr], [0, 'No parked keys.\n']);
  });

  it('shows everything of one key, and all events of it', async () => {
    assertGolden('parked/show.txt', still((await run('show', 'wall', '0-17')).stdout));
    assert.equal(JSON.parse((await run('show', 'wall', '0-17', '-o', 'json')).stdout).waiting.items.length, 3);
    read.length = 0;
    const { stderr } = await run('show', 'wall', '0-17', '--limit', '2');
    assert.deepEqual(read, [[wall, '0-17', { limit: 2 }]]);
    assert.equal(stderr, '1 more event of the key: see further with --limit.\n');
  });

  it('says what is missing, and what to do', async () => {
    const none = await run('show', 'wall');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /"tenfold parked list" shows them/);
    assert.match((await run('list', 'wall', '0-17')).stderr, /"tenfold parked show"/);
    assert.match((await run('retry', 'wall')).stderr, /not said which to retry.*\n.*--older-than.*--all/);
    assert.match((await run('give-up', 'wall', '0-17', '--all')).stderr, /Both ids and a selection/);
    assert.match((await run('retry', 'wall', '0-17', '--whole-key')).stderr, /--whole-key is for give-up/);
    assert.deepEqual(ordered, []);
  });

  it('has events tried now: those that are named, or those that a filter finds', async () => {
    const { code, stdout, stderr } = await run('retry', 'wall', '0-17', '0-21');
    assert.deepEqual([code, stdout, stderr], [0, 'subscription/wall: 2 tried now\n', '']);
    await run('retry', 'queue/import', '--reason', 'Timeout', '--older-than', '10m');
    assert.deepEqual(ordered, [{ action: 'retry', consumer: wall, ids: ['0-17', '0-21'] }]);
    assert.deepEqual(operations.asked, [
      {
        action: 'retry-now',
        consumer: { ...wall, kind: 'Queue', name: 'import' },
        query: { reason: 'Timeout', olderThanMs: 600_000 },
      },
    ]);
  });

  it('says when the attempts are made, where that is not at once', async () => {
    state = 'paused';
    const paused = /^It is paused: .*"tenfold subscriptions resume subscription\/wall -n default"/;
    assert.match((await run('retry', 'wall', '0-17')).stderr, paused);
    assert.equal((await run('give-up', 'wall', '0-17')).stderr, '');
    state = 'resting';
    assert.match((await run('retry', 'wall', '0-17')).stderr, /^Its target is down or asks for a pause/);
    end = { ...end, taken: 0 };
    assert.equal((await run('retry', 'wall', '0-17')).stderr, '');
  });

  it('gives up heads of keys, or whole keys', async () => {
    assert.equal((await run('give-up', 'wall', '0-17')).stdout, 'subscription/wall: 2 given up\n');
    await run('give-up', 'wall', '--key', 'k', '--whole-key');
    assert.deepEqual(ordered, [
      { action: 'give-up', consumer: wall, ids: ['0-17'] },
      { action: 'give-up', consumer: wall, query: { key: 'k' }, wholeKey: true },
    ]);
  });

  it('says what could not be done and what is not known yet, and ends with 4 for the first alone', async () => {
    end = { taken: 0, unconfirmed: 1, failed: [], total: 1 };
    const later = await run('retry', 'wall', '0-17');
    assert.deepEqual([later.code, later.stdout], [0, 'subscription/wall: 0 tried now\n']);
    const order = /^1 order is kept, and no worker has carried it out yet\. See with "tenfold parked list (.*)"\.$/m;
    assert.equal(order.exec(later.stderr)?.[1], 'subscription/wall -n default');
    end = { taken: 1, unconfirmed: 2, failed: [{ id: '0-9', message: 'It is held.' }], total: 4 };
    const { code, stderr } = await run('give-up', 'wall', '0-9');
    assert.equal(code, 4);
    assert.match(stderr, /^2 orders are kept, and no worker has carried them out yet/m);
    assert.match(stderr, /1 could not be given up:\nID +WHY NOT\n0-9 +It is held\.\n/);
    assert.deepEqual(JSON.parse((await run('give-up', 'wall', '0-9', '-o', 'json')).stdout), end);
    end = { ...end, failed: [], unread: [{ consumer: wall, partition: 3, message: 'Too much.' }] };
    const unread = await run('retry', 'wall', '0-9');
    assert.equal(unread.code, 4);
    assert.match(unread.stderr, /Partition 3 of subscription\/wall is not listed: Too much\./);
    operations.next = { total: 0, notes: [] };
    assert.match((await run('retry', 'wall', '--all')).stderr, /No key that failed was found\./);
  });
});

describe('the next attempt', () => {
  const at = (ms: number) => ({ nextAttemptAt: new Date(1_000_000 + ms).toISOString() });
  for (const [what, event, words] of [
    ['in a while', at(90_000), 'in 1m30s'],
    ['in less than a second', at(20), 'in 1s'],
    ['now', at(0), 'due'],
    ['long since', at(-90_000), 'due'],
    ['up to a person', {}, '-'],
  ] as const)
    it(`${what} is told as "${words}"`, () => assert.equal(nextWords(event, 1_000_000), words));
});

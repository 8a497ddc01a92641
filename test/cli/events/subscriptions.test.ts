// `tenfold subscriptions`: how far they have come, pausing, resuming, replays from a time.
import assert from 'node:assert/strict';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { ConsumerReport, ReplayRequest } from '../../../admin/event-view.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

describe('subscriptions', () => {
  let admin: AdminRun;
  let consumers: ConsumerReport[] = [];
  const told: [string, ConsumerName | ReplayRequest][] = [];
  const tell = (action: string) => async (what: ConsumerName) => void told.push([action, what]);

  before(async () => {
    admin = await startAdminRun({
      consumers: async () => consumers,
      pause: tell('pause'),
      resume: tell('resume'),
      endReplay: tell('end'),
      async replay(request) {
        told.push(['replay', request]);
        return { kind: 'Subscription', namespace: 'default', name: 'wall-replay' };
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    told.length = 0;
    consumers = [
      fakeConsumer('wall', { deadLetters: 2 }),
      fakeConsumer('wall-replay', { replayOf: 'wall', state: 'finished', lag: 0, oldestAgeMs: undefined }),
      fakeConsumer('import', { kind: 'Queue', state: 'starting', lag: undefined, lastError: 'The log is away.' }),
    ];
  });
  const run = (...words: string[]) => admin.run(['subscriptions', ...words]);

  for (const [golden, words] of [
    ['list', ['list']],
    ['wide', ['list', '-o', 'wide']],
    ['one', ['list', 'wall']],
  ] as const) {
    it(`shows ${golden}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stderr], [0, 'Which keys are parked, and why: tenfold parked list -n default\n']);
      assertGolden(`subscriptions/${golden}.txt`, stdout);
    });
  }

  it('says nothing of parked keys where none are', async () => {
    consumers = [fakeConsumer('wall', { parkedKeys: 0, parkedEvents: 0 })];
    assert.equal((await run('list')).stderr, '');
  });

  it('says so when there are none, and gives names and data', async () => {
    assert.equal(
      (await run('list', '-o', 'name')).stdout,
      'subscription/wall\nsubscription/wall-replay\nqueue/import\n',
    );
    consumers = [];
    assert.deepEqual(await run('list'), { code: 0, stdout: '', stderr: 'No Subscriptions and no Queues.\n' });
    assert.deepEqual(JSON.parse((await run('list', '-o', 'json')).stdout), { items: [] });
  });

  it('pauses and resumes, Queues too', async () => {
    assert.equal((await run('pause', 'wall')).stdout, 'subscription/wall: running\n');
    await run('resume', 'queue/import');
    assert.deepEqual(told, [
      ['pause', { kind: 'Subscription', namespace: 'default', name: 'wall' }],
      ['resume', { kind: 'Queue', namespace: 'default', name: 'import' }],
    ]);
  });

  const starts: { from: string; is: 'earliest' | number }[] = [
    { from: 'earliest', is: 'earliest' },
    { from: '2026-11-24T08:00:00Z', is: Date.UTC(2026, 10, 24, 8) },
  ];
  for (const { from, is } of starts) {
    it(`replays from ${from}`, async () => {
      const { code, stdout, stderr } = await run('replay', 'wall', '--from', from, '--to', 'late');
      assert.deepEqual([code, stdout], [0, 'subscription/wall-replay: finished\n']);
      assert.match(stderr, /end it with "tenfold subscriptions end wall-replay -n default"/);
      const request = { namespace: 'default', subscription: 'wall', from: is, toFunction: 'late' };
      assert.deepEqual(told, [['replay', request]]);
    });
  }

  it('replays from some time ago', async () => {
    const before = Date.now();
    await run('replay', 'wall', '--from', '2h');
    const [[, request] = []] = told;
    const from = request && 'from' in request ? Number(request.from) : Number.NaN;
    assert.ok(from >= before - 7_200_000 && from <= Date.now() - 7_200_000);
  });

  it('ends a replay, and nothing else', async () => {
    assert.equal((await run('end', 'wall-replay')).code, 0);
    assert.deepEqual(told, [['end', { kind: 'Subscription', namespace: 'default', name: 'wall-replay' }]]);
    const { code, stderr } = await run('end', 'wall');
    assert.equal(code, 2);
    assert.match(stderr, /subscription\/wall is no replay\.\nNext: pause it/);
  });

  it('asks which, where names collide', async () => {
    consumers = [fakeConsumer('wall'), fakeConsumer('wall', { kind: 'Queue' })];
    assert.match((await run('pause', 'wall')).stderr, /say which: subscription\/wall or queue\/wall/);
    consumers = [fakeConsumer('wall'), fakeConsumer('wall', { namespace: 'other' })];
    assert.match((await run('pause', 'wall')).stderr, /several namespaces.*\nNext: choose one/);
    assert.equal((await run('pause', 'wall', '-n', 'other')).code, 0);
  });

  const mistakes: { words: string[]; code: number; says: RegExp }[] = [
    { words: ['pause'], code: 2, says: /not said which Subscription/ },
    { words: ['replay', 'wall'], code: 2, says: /--from is missing/ },
    { words: ['replay', 'wall', '--from', 'yesterday'], code: 2, says: /"yesterday" is no place to begin/ },
    { words: ['replay', 'wall', '--from', '1'], code: 2, says: /is no place to begin/ },
    { words: ['replay', 'import', '--from', 'earliest'], code: 2, says: /Only Subscriptions can be replayed/ },
    { words: ['pause', 'wall', '--from', '1h'], code: 2, says: /for replay, not for pause/ },
  ];
  for (const { words, code, says } of mistakes) {
    it(`${words.join(' ')}: ${code}`, async () => {
      const answer = await run(...words);
      assert.match(answer.stderr, says);
      assert.deepEqual([answer.code, told], [code, []]);
    });
  }
});

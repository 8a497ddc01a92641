// `tenfold fanouts`: lists, shows, redrives, cancels and waits for jobs of fan-outs, and says by
// its exit code how they ended.
import assert from 'node:assert/strict';
import type { FanOutQuery, FanOutSummary } from '../../../admin/fan-out-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const job = (id: string, state: FanOutSummary['state'], more: Partial<FanOutSummary> = {}): FanOutSummary => ({
  id,
  namespace: 'default',
  fanOut: 'renditions',
  state,
  items: { total: 3, succeeded: 3, failed: 0, open: 0, divided: true },
  redriven: 0,
  acceptedAt: '2026-11-25T00:00:00.000Z',
  ...more,
});

describe('fanouts', () => {
  let admin: AdminRun;
  let listed: readonly FanOutSummary[] = [];
  let states: Record<string, FanOutSummary['state'][]> = {};
  const asked: FanOutQuery[] = [];
  const redriven: string[] = [];
  const failed = job('3-2-b', 'failed', {
    items: { total: 3, succeeded: 2, failed: 1, open: 0, divided: true },
    finishedAt: '2026-11-25T00:00:01.250Z',
    error: { message: '1 of 3 items were given up, and 2 succeeded: too few.' },
  });
  const divided = { total: 1000, succeeded: 17, failed: 0, open: 983, divided: false };

  before(async () => {
    admin = await startAdminRun({
      fanOuts: {
        reports: async () => [
          {
            namespace: 'default',
            name: 'renditions',
            state: 'running',
            lastError: undefined,
            behind: 0,
            folded: 1,
            ended: {},
          },
        ],
        async list(query) {
          asked.push(query);
          return { items: listed };
        },
        async read(_namespace, _fanOut, id) {
          if (id === failed.id) return failed;
          const [state, ...later] = states[id] ?? [];
          if (state === undefined) throw new TenfoldError('not-found', `FanOut renditions has no job ${id}.`);
          if (later.length > 0) states[id] = later;
          return job(id, state);
        },
        items: async () => ({ total: 0, size: 1, groups: [] }),
        failed: async () => ({
          items: [
            { index: 1, reason: 'refused', attempts: 1, error: { status: 422, message: 'no image' }, letter: '0-17' },
          ],
        }),
        cancel: async (_namespace, _fanOut, id) => job(id, id === 'busy' ? 'working' : 'cancelled'),
        async redrive(_namespace, _fanOut, id) {
          if (id === 'done') throw new TenfoldError('conflict', 'Job done is succeeded.');
          redriven.push(id);
          return job(id, 'working', { redriven: 1 });
        },
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    listed = [failed, job('3-1-a', 'splitting', { items: divided })];
    states = {};
    asked.length = 0;
    redriven.length = 0;
  });
  const plain = (text: string) => text.replace(/\b(\d+[smhdwy])+\b/g, 'AGE').replace(/ +/g, ' ');

  it('lists jobs with how many of their items are done', async () => {
    const { code, stdout } = await admin.run(['fanouts', 'list', '--state', 'failed', '--limit', '7']);
    assert.equal(code, 0);
    assert.deepEqual(asked, [{ state: 'failed', limit: 7 }]);
    assertGolden('fanouts/list.txt', plain(stdout));
  });

  it('lists those that a later release has written, and why they are unknown', async () => {
    const error = { message: 'the state of job 3-3-c has version 2, of a later release' };
    listed = [
      job('3-3-c', 'unknown', { items: { total: 0, succeeded: 0, failed: 0, open: 0, divided: false }, error }),
    ];
    const { code, stdout } = await admin.run(['fanouts', 'list', '--state', 'unknown']);
    assert.equal(code, 0);
    assert.deepEqual(asked, [{ state: 'unknown', limit: 50 }]);
    assert.match(plain(stdout), /^renditions 3-3-c unknown AGE - - - the state of job 3-3-c has version 2/m);
  });

  it('lists those of one fan-out, also by kind and name', async () => {
    await admin.run(['fanouts', 'list', 'fanout/renditions', '-n', 'shop']);
    assert.deepEqual(asked, [{ fanOut: 'renditions', namespace: 'shop', limit: 50 }]);
  });

  it('shows a job with the items that failed', async () => {
    const { stdout } = await admin.run(['fanouts', 'show', 'renditions', '3-2-b']);
    assertGolden('fanouts/show.txt', plain(stdout));
  });

  it('shows everything of it as JSON', async () => {
    const { stdout } = await admin.run(['fanouts', 'show', 'renditions', '3-2-b', '-o', 'json']);
    const shown = JSON.parse(stdout);
    assert.equal(shown.id, '3-2-b');
    assert.equal(shown.failed[0].error.message, 'no image');
  });

  it('redrives jobs, and goes on behind one that cannot be', async () => {
    const { code, stderr } = await admin.run(['fanouts', 'redrive', 'renditions', 'done', '3-2-b']);
    assert.deepEqual(redriven, ['3-2-b']);
    assert.match(stderr, /done: Job done is succeeded/);
    assert.equal(code, 4);
  });

  it('follows what it has redriven to its end', async () => {
    states = { a: ['working', 'gathering', 'succeeded'] };
    const { code, stdout } = await admin.run(['fanouts', 'redrive', 'renditions', 'a', '--wait']);
    assert.equal(code, 0);
    assert.match(stdout, /succeeded/);
  });

  const ends: Record<string, [FanOutSummary['state'], number]> = {
    success: ['succeeded', 0],
    failure: ['failed', 5],
    expiry: ['expired', 5],
    cancellation: ['cancelled', 4],
  };
  for (const [name, [state, code]] of Object.entries(ends)) {
    it(`ends a wait for a ${name} with ${code}`, async () => {
      states = { a: [state] };
      assert.equal((await admin.run(['fanouts', 'wait', 'renditions', 'a'])).code, code);
    });
  }

  it('ends a wait that lasts too long with 5', async () => {
    states = { a: ['working'] };
    const { code, stderr } = await admin.run(['fanouts', 'wait', 'renditions', 'a', '--timeout', '200ms']);
    assert.equal(code, 5);
    assert.match(stderr, /a is working/);
  });

  it('cancels', async () => {
    const { code, stdout } = await admin.run(['fanouts', 'cancel', 'renditions', 'a']);
    assert.equal(code, 0);
    assert.match(stdout, /cancelled/);
  });

  it('says of a cancelled job that still works when it ends', async () => {
    const { code, stderr } = await admin.run(['fanouts', 'cancel', 'renditions', 'busy']);
    assert.deepEqual([code, stderr], [0, 'Running work ends as soon as its function does.\n']);
  });

  const wrong: Record<string, [readonly string[], RegExp]> = {
    'no job': [['show', 'renditions'], /not said which job/],
    'an unknown fan-out': [['show', 'rendition', 'a'], /Did you mean "renditions"/],
    'ids for a list': [['list', 'renditions', 'a'], /takes no ids/],
  };
  for (const [name, [words, message]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      const { code, stderr } = await admin.run(['fanouts', ...words]);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    });
  }
});

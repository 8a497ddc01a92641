// `tenfold jobs`: lists, waits and ends jobs, and says by its exit code how they ended.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobQuery, JobSummary } from '../../../admin/job-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';
import { assertGolden } from '../golden.ts';
import { type AdminRun, startAdminRun } from './admin-run.ts';

const job = (id: string, state: JobSummary['state'], more: Partial<JobSummary> = {}): JobSummary => ({
  id,
  namespace: 'default',
  queue: 'import',
  state,
  attempts: 1,
  queuedAt: '2026-11-25T00:00:00.000Z',
  ...more,
});

describe('jobs', () => {
  let admin: AdminRun;
  /** By id: the states that it is seen in, one after the other; the last one stays. */
  let states: Record<string, (JobSummary['state'] | 'away')[]> = {};
  const asked: JobQuery[] = [];
  const all = [
    job('0-2-b', 'failed', {
      startedAt: '2026-11-25T00:00:01.000Z',
      finishedAt: '2026-11-25T00:00:01.250Z',
      error: 'table is locked',
    }),
    job('0-1-a', 'queued', { attempts: 0 }),
  ];

  before(async () => {
    admin = await startAdminRun({
      consumers: async () => [fakeConsumer('import', { kind: 'Queue' }), fakeConsumer('wall')],
      async jobs(query) {
        asked.push(query);
        return { items: query.queue === 'empty' ? [] : all };
      },
      async job(_namespace, _queue, id) {
        const [state, ...later] = states[id] ?? [];
        if (state === undefined) throw new TenfoldError('not-found', `Queue import has no job ${id}.`);
        if (later.length > 0) states[id] = later;
        if (state === 'away') throw new TenfoldError('log-unavailable', 'The log is away.');
        return job(id, state);
      },
      async cancelJob(_namespace, _queue, id) {
        if (id === '0-1-done') throw new TenfoldError('conflict', 'Job 0-1-done is succeeded already.');
        return job(id, id === '0-1-run' ? 'running' : 'cancelled');
      },
    });
  });
  after(() => admin.close());
  beforeEach(() => {
    asked.length = 0;
    states = {};
  });
  const run = (...words: string[]) => admin.run(['jobs', ...words]);

  it('lists them', async () => {
    const { code, stdout } = await run('list');
    assert.equal(code, 0);
    assertGolden('jobs/list.txt', stdout.replace(/\b(\d+[dhm])+\b/g, 'SOME').replace(/ {2,}/g, '  '));
  });

  it('asks for those of a queue in a state', async () => {
    assert.equal((await run('list', 'import', '--state', 'failed', '--limit', '7', '-n', 'default')).code, 0);
    assert.deepEqual(asked, [{ namespace: 'default', queue: 'import', state: 'failed', limit: 7 }]);
    assert.deepEqual(await run('list', 'empty'), { code: 0, stdout: '', stderr: 'No jobs.\n' });
  });

  it('shows one as data, and names', async () => {
    states = { '0-1-a': ['running'] };
    assert.equal(JSON.parse((await run('show', 'import', '0-1-a', '-o', 'json')).stdout).state, 'running');
    assert.equal((await run('list', '-o', 'name')).stdout, '0-2-b\n0-1-a\n');
  });

  const ends = [
    { state: 'succeeded', code: 0 },
    { state: 'failed', code: 5 },
    { state: 'expired', code: 5 },
    { state: 'cancelled', code: 4 },
  ] as const;
  for (const { state, code } of ends) {
    it(`waits until a job is ${state}, and ends with ${code}`, async () => {
      states = { '0-1-a': ['queued', 'away', 'running', state] };
      const answer = await run('wait', 'import', '0-1-a');
      assert.deepEqual([answer.code, answer.stderr], [code, '']);
      assert.match(answer.stdout, new RegExp(`0-1-a +${state}`));
    });
  }

  describe('with --result', () => {
    let listener: Server;
    const seen: unknown[] = [];
    before(async () => {
      listener = createServer((request, response) => {
        seen.push([request.method, request.url, request.headers['tenfold-key']]);
        if (request.url?.includes('0-9-cut')) {
          response.writeHead(200, { 'content-length': '100' }).write('some');
          setTimeout(() => response.destroy(), 20);
        } else if (request.url?.includes('0-1-a')) response.end('{"articles":3}');
        else {
          const detail = 'The job is running: it has no result yet.';
          const problem = { type: 'https://tenfold.dev/errors#conflict', status: 409, detail };
          response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
        }
      }).listen(0, '127.0.0.1');
      await once(listener, 'listening');
    });
    after(() => listener.close());
    beforeEach(() => {
      seen.length = 0;
    });
    const show = (...words: string[]) => {
      const { port } = listener.address() as AddressInfo;
      const env = { TENFOLD_INTERNAL_URL: `http://127.0.0.1:${port}/`, TENFOLD_INTERNAL_KEY: 'the key' };
      return admin.run(['jobs', 'show', ...words, '--result'], { env });
    };

    it('prints what the function answered, and nothing else', async () => {
      assert.deepEqual(await show('import', '0-1-a'), { code: 0, stdout: '{"articles":3}', stderr: '' });
      assert.deepEqual(seen, [['GET', '/queues/import/0-1-a/result', 'the key']]);
    });

    it('says why there is none', async () => {
      const { code, stdout, stderr } = await show('import', '0-2-b');
      assert.deepEqual([code, stdout], [4, '']);
      assert.match(stderr, /is running: it has no result yet/);
    });

    it('says when it was cut off', async () => {
      const { code, stderr } = await show('import', '0-9-cut');
      assert.equal(code, 5);
      assert.match(stderr, /The result was cut off/);
    });

    it('is for one job', async () => {
      assert.match((await show('import', '0-1-a', '0-2-b')).stderr, /one job at a time/);
      assert.match((await run('wait', 'import', '0-1-a', '--result')).stderr, /--result is for show/);
      assert.deepEqual(seen, []);
    });
  });

  it('waits for several; the worst decides', async () => {
    states = { '0-1-a': ['succeeded'], '0-1-b': ['running', 'failed'], '0-1-c': ['cancelled'] };
    assert.equal((await run('wait', 'import', '0-1-a', '0-1-b', '0-1-c')).code, 5);
  });

  it('does not wait for ever', async () => {
    states = { '0-1-a': ['running'] };
    const { code, stderr } = await run('wait', 'import', '0-1-a', '--timeout', '300ms');
    assert.equal(code, 5);
    assert.match(stderr, /Not done within 300ms: 0-1-a is running\.\nNext: wait on/);
  });

  it('cancels what can be cancelled, and says so of what cannot', async () => {
    const { code, stdout, stderr } = await run('cancel', 'import', '0-1-done', '0-1-run', '0-1-x');
    assert.equal(code, 4);
    assert.match(stdout, /0-1-run +running[^\n]*\n0-1-x +cancelled/);
    assert.match(
      stderr,
      /0-1-done: Job 0-1-done is succeeded already\.\nRunning work ends as soon as its function does/,
    );
    assert.equal((await run('cancel', 'import', '0-1-x')).code, 0);
  });

  const mistakes: { words: string[]; code: number; says: RegExp }[] = [
    { words: ['wait', 'import'], code: 2, says: /not said which job/ },
    { words: ['wait', 'import', '0-9-z'], code: 3, says: /has no job 0-9-z/ },
    { words: ['show', 'imprt', '0-1-a'], code: 3, says: /no Queue "imprt"\. Did you mean "import"\?/ },
    { words: ['show', 'subscription/wall', '0-1-a'], code: 2, says: /jobs are those of Queues/ },
    { words: ['list', 'import', '0-1-a'], code: 2, says: /"list" takes no ids/ },
    { words: ['list', '--state', 'lost'], code: 2, says: /Allowed choices are queued/ },
    { words: ['list', '--limit', '0'], code: 2, says: /no whole number from 1 to 9999999/ },
    { words: ['wait', 'import', '0-1-a', '--timeout', 'x'], code: 2, says: /no duration/ },
  ];
  for (const { words, code, says } of mistakes) {
    it(`${words.join(' ')}: ${code}`, async () => {
      const answer = await run(...words);
      assert.match(answer.stderr, says);
      assert.deepEqual([answer.code, answer.stdout], [code, '']);
    });
  }
});

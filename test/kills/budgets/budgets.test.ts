// Limits over three platforms that share a Redis: what a service sees while they are loaded, and
// while one of them is killed and another one is paused.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { eventually } from '../../eventually.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { type CountingService, startCountingService } from './counting-service.ts';

const LIMIT = 50;
/** Long against what a busy machine takes to bring a call there. */
const WORK_MS = 1000;
/**
 * Of which a call may wait for its turn for a half: one whose time is over while it is worked does
 * not count any more, but this service works on.
 */
const TIMEOUT_MS = 10_000;
/** What a process that is gone had begun counts for the life of a slice and the time of a call. */
const GONE_MS = 10_000 + TIMEOUT_MS + 2000;
const CLIENTS = 60;
const service = findService(redis);

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

if (service)
  describe('limits of functions over three processes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenfold-budgets-'));
    const agent = new Agent({ connections: CLIENTS, pipelining: 1 });
    const running: Running[] = [];
    let counting: CountingService;
    let over = false;
    /** From the first call on, those included that come while the platforms start. */
    const assertNeverExceeded = (when: string) =>
      assert.ok(
        counting.most <= LIMIT,
        `at some time until ${when} ${counting.most} were in flight, ${counting.mostLeft} of them left by their callers`,
      );

    const start = async (name: string): Promise<Running> => {
      const args = [join(folder, 'app'), join(folder, name), service.url(), `budgets-${process.pid}`];
      const child = fork(new URL('./platform-victim.ts', import.meta.url), args, {
        execArgv: ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [ready] = (await once(child, 'message')) as [{ readonly public: string }];
      return { child, url: ready.public };
    };
    /** Clients with one request after the other. */
    const load = ({ child, url }: Running) => {
      const isOver = () => over || child.exitCode !== null || child.signalCode !== null;
      const client = async () => {
        while (!isOver()) {
          try {
            const { body } = await agent.request({ origin: url, path: '/work', method: 'GET' });
            await body.dump();
          } catch {
            await new Promise(resolve => setTimeout(resolve, 20));
          }
        }
      };
      for (let index = 0; index < CLIENTS; index++) void client();
    };
    const during = async (ms: number) => {
      counting.begin();
      await new Promise(resolve => setTimeout(resolve, ms));
      return counting.average / LIMIT;
    };
    const areUsed = (by: string) =>
      eventually(async () => (await during(2000)) >= 0.9, `nine tenths of them are used by ${by}`);

    before(async () => {
      counting = await startCountingService(WORK_MS);
      mkdirSync(join(folder, 'app'));
      writeFileSync(
        join(folder, 'app', 'app.yaml'),
        [
          'apiVersion: tenfold.dev/v1alpha1',
          'kind: Function',
          'metadata: { name: work }',
          `spec: { url: "${counting.url}", timeout: ${TIMEOUT_MS}ms, limits: { concurrency: ${LIMIT}, maxWait: ${TIMEOUT_MS / 2}ms } }`,
          '---',
          'apiVersion: tenfold.dev/v1alpha1',
          'kind: Api',
          'metadata: { name: api }',
          'spec: { routes: [{ match: { path: /work }, to: { function: work }, timeout: 29s }] }',
        ].join('\n'),
      );
      running.push(...(await Promise.all(['a', 'b', 'c'].map(start))));
      for (const one of running) load(one);
      // A Redis that is new to them might be one that has forgotten.
      await eventually(async () => counting.average > 0 && counting.inFlight > LIMIT / 2, 'it is called');
    });
    after(async () => {
      over = true;
      for (const { child } of running) child.kill('SIGKILL');
      await agent.destroy();
      counting.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('are never exceeded, and nine tenths of them are used', async () => {
      await during(2000);
      await areUsed('all');
      await during(4000);
      assertNeverExceeded('all had been under load');
    });

    it('are not exceeded when one is killed and one is paused for longer than its slice lives, and are used again after', async () => {
      running[0]?.child.kill('SIGKILL');
      running[1]?.child.kill('SIGSTOP');
      await new Promise(resolve => setTimeout(resolve, GONE_MS));
      assertNeverExceeded('one was dead, and one had stood still for longer than its slice lives');
      await areUsed('the one that is left');
      assertNeverExceeded('one was alone');
      running[1]?.child.kill('SIGCONT');
      await during(2000);
      assertNeverExceeded('it was back');
      await areUsed('both');
      await during(2000);
      assertNeverExceeded('both shared it again');
    });
  });

// Operations on parked events and on jobs whose worker is killed with SIGKILL: another one, or the
// next, goes on. Each item has one result, and nothing is done that was not asked for.
import assert from 'node:assert/strict';
import type { OperationPlan, OperationReport } from '../../admin/commands/operation-view.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { FILES } from './operations-app.ts';
import { type ProcessOptions, type RunningProcess, startProcess, TOKEN } from './start-process.ts';

const COUNT = 30;
/** A second: so an operation takes some seconds, in which its worker is killed. */
const RATE = 4;
const KILL_AT = [5, 12];
const receipts = { kind: 'Subscription', name: 'receipts' };
const exported = { kind: 'Queue', name: 'exports' };

/** The first process takes the requests. */
function killedOn(name: string, roles: readonly ProcessOptions['role'][], services: () => ProcessOptions['services']) {
  describe(`operations whose worker is killed, ${name}`, function () {
    this.timeout(600_000);
    const processes: RunningProcess[] = [];
    let directory = '';
    const start = async (at: number) => {
      const [role = 'serve', shared] = [roles[at], services()];
      // Topics of Kafka have the names of their resources, and tests share a broker.
      const env = shared && {
        TENFOLD_LOG_KAFKA_TOPIC_PREFIX: `${shared.prefix}.`,
        ...(role === 'worker' && { TENFOLD_FUNCTIONS_INTERNAL_URL: front().internal }),
      };
      const started = await startProcess({ role, directory, ...(shared && { services: shared }), ...(env && { env }) });
      processes[at] = started;
      await eventually(() => started.isReady(), `${role} is ready`);
    };
    let killed = 0;
    const starting: Promise<void>[] = [];
    /** One worker after the other, which starts anew: the operation is not waited for meanwhile. */
    const kill = async () => {
      const workers = [...roles.keys()].filter(at => roles[at] !== 'gateway');
      const at = workers[killed++ % workers.length] ?? 0;
      await processes[at]?.end('SIGKILL');
      const started = start(at);
      starting.push(started);
      // Nobody answers before the first one is back.
      if (at === 0) await started;
    };
    before(async () => {
      directory = tempFolder(FILES);
      for (const at of roles.keys()) await start(at);
    });
    afterEach(() => Promise.all(starting.splice(0)));
    after(async () => {
      await Promise.all(processes.map(each => each.end('SIGKILL')));
      removeTempFolders();
    });

    const front = () => processes[0]?.addresses ?? assert.fail('nothing runs');
    const send = (url: string, method: string, body?: unknown) =>
      fetch(url, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const ask = async <T>(path: string, method = 'GET', body?: unknown): Promise<T> => {
      const answer = await send(`${front().admin}/api${path}`, method, body);
      const text = await answer.text();
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
      return JSON.parse(text);
    };
    const post = async (path: string, data: unknown, method = 'POST') => {
      const answer = await send(front().public + path, method, data);
      assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
    };
    const listed = async (path: string) => (await ask<{ items: { key: string; state: string }[] }>(path)).items;
    const keysOf = async (list: 'parked' | 'dead-letters') =>
      (await listed(`/${list}?kind=Subscription&name=receipts&limit=1000`)).map(({ key }) => key).sort();
    const park = async (kind: string) => {
      const keys = Array.from({ length: COUNT }, (_, at) => `${kind}-${at}`).sort();
      for (const item of keys) await post('/orders', { item });
      let parked: readonly string[] = [];
      const all = async () => {
        parked = await keysOf('parked');
        return parked.join() === keys.join();
      };
      await eventually(all, () => `all are parked, of which ${parked.length} are`);
      return keys;
    };
    /** Plans and starts it, kills its worker meanwhile, and waits for its end. */
    const carryOut = async (request: object): Promise<OperationReport> => {
      const { id, token, total } = await ask<OperationPlan>('/operations', 'POST', { ...request, rate: RATE });
      assert.equal(total, COUNT);
      const path = `/operations/default/${id}`;
      let report = await ask<OperationReport>(`${path}/start`, 'POST', { token });
      const until = (isThere: () => boolean, what: string) =>
        eventually(async () => {
          report = await ask<OperationReport>(path);
          return isThere();
        }, what);
      for (const place of KILL_AT) {
        await until(() => report.total - report.left >= place, `it has come to ${place}`);
        assert.equal(report.state, 'running', 'it is killed while it runs');
        await kill();
      }
      await until(() => report.endedAt !== undefined, 'it has ended');
      const { state, done, refused, inDoubt, left } = report;
      assert.deepEqual([state, done + inDoubt, refused, left], ['done', COUNT, 0, 0]);
      const { items } = await ask<{ items: { id: string }[] }>(`${path}/items?limit=1000`);
      assert.equal(new Set(items.map(item => item.id)).size, COUNT, 'each has a result');
      assert.equal(items.length, COUNT);
      return report;
    };

    it('give up each parked event once', async () => {
      const keys = await park('tea');
      await carryOut({ action: 'give-up', ...receipts, query: {} });
      await eventually(async () => (await keysOf('parked')).length === 0, 'nothing is parked');
      await eventually(async () => (await keysOf('dead-letters')).join() === keys.join(), 'each is a dead letter once');
    });

    it('cancel each job that waits, and leave the one that is worked', async () => {
      const states = async () => (await listed('/jobs?queue=exports&limit=1000')).map(({ state }) => state).sort();
      const some = (state: string) => [...Array.from({ length: COUNT }, () => state), 'running'].sort().join();
      for (let page = 0; page <= COUNT; page++) await post('/exports', { page });
      await eventually(async () => (await states()).join() === some('queued'), 'one is worked, and the others wait');
      const { done } = await carryOut({ action: 'cancel', ...exported, query: { state: 'queued' } });
      assert.equal(done, COUNT, 'a job that is cancelled says so');
      const left = async () => (await states()).filter(state => state !== 'cancelled');
      await eventually(async () => (await left()).join() === 'running', 'all but one are cancelled');
      assert.equal((await states()).length, COUNT + 1);
    });

    it('try each parked event now', async () => {
      await park('mocha');
      const dead = await keysOf('dead-letters');
      await post('/mended', {}, 'PUT');
      await carryOut({ action: 'retry-now', ...receipts, query: {} });
      await eventually(async () => (await keysOf('parked')).length === 0, 'all are handled');
      assert.deepEqual(await keysOf('dead-letters'), dead);
    });
  });
}

killedOn('on SQLite', ['serve'], () => undefined);

const [broker, store] = [findService(kafka), findService(redis)];
if (broker && store) {
  const prefix = `operations-${process.pid}-${Date.now().toString(36)}`;
  killedOn('on Kafka and Redis with two workers', ['gateway', 'worker', 'worker'], () => ({
    kafka: broker.url(),
    redis: store.url(),
    prefix,
  }));
}

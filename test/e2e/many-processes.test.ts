// Two gateways and two workers as processes over real services: whichever is asked answers, and
// whichever dies, nothing is lost.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { eventually } from '../eventually.ts';
import { shopFiles } from '../processes/shop.ts';
import { type RunningProcess, type SharedServices, startProcess } from '../processes/start-process.ts';
import { kafka } from '../services/kafka.ts';
import { postgres } from '../services/postgres.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';
import { assertTakenOver, createOutboxTable, outboxFiles } from './outbox-of-many.ts';
import { assertToldByBoth, tailOf } from './readers.ts';

const log = findService(kafka);
const store = findService(redis);
const database = findService(postgres);

const TABLE = `bills_${process.pid}`;

type Served = { readonly addresses: Pick<RunningProcess['addresses'], 'public'> };

if (log && store)
  describe('an application in many processes', () => {
    const name = `many-${process.pid}-${Date.now().toString(36)}`;
    const running: RunningProcess[] = [];
    let directory: string;
    let notes: string;
    let services: SharedServices;
    let gateways: RunningProcess[];
    let workers: RunningProcess[];

    const start = async (
      role: 'gateway' | 'worker',
      env: Record<string, string> = { TENFOLD_DRAIN_DELAY: '500ms' },
    ) => {
      const started = await startProcess({ role, directory, services, env });
      running.push(started);
      return started;
    };
    const startWorker = () =>
      start('worker', { TENFOLD_FUNCTIONS_INTERNAL_URL: gateways[0]?.addresses.internal ?? '' });
    const order = (gateway: Served | undefined, shop: string, number: number) =>
      fetch(`${gateway?.addresses.public}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: `${shop}-${number}`, shop }),
      });
    const noted = () => readFileSync(notes, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);

    before(async () => {
      const folder = tempFolder();
      notes = join(folder, 'notes');
      const more = database ? outboxFiles(name, TABLE, database.url()) : {};
      if (database) await createOutboxTable({ database: database.url(), table: TABLE });
      directory = tempFolder({ ...shopFiles({ namespace: name, notes }), ...more });
      services = { kafka: log.url(), redis: store.url(), prefix: name };
      gateways = await Promise.all([start('gateway'), start('gateway')]);
      workers = await Promise.all([startWorker(), startWorker()]);
      const ready = async () => (await Promise.all(running.map(each => each.isReady()))).every(Boolean);
      await eventually(ready, 'all are ready');
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      removeTempFolders();
    });

    it('shows through one gateway what was ordered through the other', async () => {
      assert.equal((await order(gateways[0], 'first', 1)).status, 204);
      const seen = async () => (await fetch(`${gateways[1]?.addresses.public}/orders?key=first-1`)).status === 200;
      await eventually(seen, 'the other gateway shows it');
      await eventually(() => noted().some(line => line.endsWith(' first-1')), 'it is delivered');
    });

    it('answers jobs through either gateway, by functions that reach a gateway from a worker', async () => {
      const body = JSON.stringify({ number: 21 });
      const headers = { 'content-type': 'application/json' };
      const accepted = await fetch(`${gateways[0]?.addresses.public}/jobs`, { method: 'POST', body, headers });
      assert.equal(accepted.status, 202);
      const location = accepted.headers.get('location') ?? '';
      const other = new URL(new URL(location, gateways[0]?.addresses.public).pathname, gateways[1]?.addresses.public);
      let answer: { readonly state?: string; readonly result?: unknown } = {};
      const ended = async () => {
        answer = (await (await fetch(other)).json()) as typeof answer;
        return answer.state === 'succeeded';
      };
      await eventually(ended, 'the job is done');
      const result = await fetch(`${other}/result`);
      assert.deepEqual(await result.json(), { twice: 42, greeting: 'hello' });
    });

    it('tells through either gateway what workers do, and all anew to a reader that goes on at the other', () =>
      assertToldByBoth(gateways, name, async () => {
        assert.equal((await order(gateways[0], 'told', 1)).status, 204);
      }));

    it('loses nothing and keeps the order of each key when a worker is killed under load', async () => {
      const shops = Array.from({ length: 8 }, (_, index) => `killed${index}`);
      const EACH = 60;
      const orders = shops.map(async (shop, index) => {
        for (let number = 1; number <= EACH; number++)
          assert.equal((await order(gateways[index % 2], shop, number)).status, 204);
      });
      await eventually(() => noted().filter(line => line.startsWith('killed')).length > 40, 'it is under way');
      await workers[0]?.end('SIGKILL');
      await Promise.all(orders);
      const firsts = (shop: string) => [...new Set(noted().filter(line => line.startsWith(`${shop} `)))];
      await eventually(() => shops.every(shop => firsts(shop).length === EACH), 'all are delivered');
      for (const shop of shops)
        assert.deepEqual(
          firsts(shop),
          Array.from({ length: EACH }, (_, index) => `${shop} ${shop}-${index + 1}`),
        );
      workers[0] = await startWorker();
    });

    if (database)
      it('reads an outbox table by one worker and writes another table by both, also once one of them is killed', async () => {
        const outbox = { database: database.url(), table: TABLE, workers: () => workers, noted };
        workers[await assertTakenOver(outbox)] = await startWorker();
      });

    it('changes its plan process by process without losing a request or an event, also to who follows the Topic', async () => {
      const tail = tailOf({ name: 'orders', namespace: name }, () => gateways);
      await eventually(() => tail.text() !== '', 'it has its place in the Topic');
      const balancer = createBalancer(() => gateways);
      const answers: string[] = [];
      let stopped = false;
      let number = 0;
      const clients = Array.from({ length: 4 }, async () => {
        while (!stopped) {
          const response = await fetch(`${balancer.next()}/hello`);
          answers.push(`${response.status} ${((await response.json()) as { greeting: string }).greeting}`);
          const id = ++number;
          const gateway = { addresses: { public: balancer.next() } };
          const posted = await order(gateway, `rolled${id % 8}`, id);
          answers.push(`${posted.status}`);
          await new Promise(done => setTimeout(done, 100));
        }
      });
      for (const [path, text] of Object.entries(shopFiles({ namespace: name, notes }, 'servus')))
        writeFileSync(join(directory, path), text);
      const replace = async (list: RunningProcess[], index: number, begin: () => Promise<RunningProcess>) => {
        const [before, next] = [list[index], await begin()];
        await eventually(() => next.isReady(), 'the new one is ready');
        list[index] = next;
        assert.equal(await before?.end('SIGTERM'), 0);
      };
      await replace(gateways, 1, () => start('gateway'));
      await replace(gateways, 0, () => start('gateway'));
      await replace(workers, 0, startWorker);
      await replace(workers, 1, startWorker);
      const servus = () => answers.slice(-50).filter(answer => answer === '200 servus').length >= 20;
      await eventually(servus, 'only the new plan answers');
      stopped = true;
      await Promise.all(clients);
      balancer.close();
      assert.deepEqual([...new Set(answers)].sort(), ['200 hello', '200 servus', '204']);
      assert.ok(answers.indexOf('200 servus') > 0);
      const rolled = () => new Set(noted().filter(line => line.startsWith('rolled'))).size;
      await eventually(() => rolled() === number, 'all orders are delivered');
      const told = () => [...tail.text().matchAll(/"id":"(rolled\d-\d+)"/g)].map(([, id]) => id);
      await eventually(() => new Set(told()).size === number, 'all orders are told');
      await tail.end();
      assert.equal(told().length, number);
      assert.ok(tail.connections() >= gateways.length);
    });

    it('lets what is in flight finish when it is asked to stop', async () => {
      const [gateway, worker] = [gateways[0], workers[0]];
      const before = noted().length;
      const orders = Array.from({ length: 20 }, (_, index) => order(gateway, `ended${index % 5}`, index));
      await Promise.all(orders);
      await eventually(() => noted().length > before, 'some are delivered');
      const late = fetch(`${gateway?.addresses.public}/hello`);
      const ended = Promise.all([gateway?.end('SIGTERM'), worker?.end('SIGTERM')]);
      assert.equal((await late).status, 200);
      assert.deepEqual(await ended, [0, 0]);
      const endedOnes = () => noted().filter(line => line.startsWith('ended'));
      await eventually(() => endedOnes().length >= 20, 'all are delivered');
      // Whoever leaves hands over what it has done, so that nobody does it again.
      assert.equal(endedOnes().length, 20);
    });
  });

describe('a gateway that is started before its services', () => {
  afterEach(removeTempFolders);

  it('listens, serves what needs none of them, and says what it waits for', async () => {
    const [one, two, three, four] = await freePorts(4);
    const gateway = await startProcess({
      role: 'gateway',
      directory: tempFolder(shopFiles({ namespace: 'default', notes: 'none' })),
      services: {
        kafka: `127.0.0.1:${one}`,
        redis: `redis://127.0.0.1:${two}`,
        elasticsearch: `http://127.0.0.1:${three}`,
        s3: `http://key:secret@127.0.0.1:${four}/bucket`,
        prefix: 'alone',
      },
    });
    try {
      const ready = await gateway.admin('/readyz');
      assert.equal(ready.status, 503);
      const { reasons } = (await ready.json()) as { reasons: string[] };
      for (const service of ['Kafka (log)', 'Redis (store)', 'Elasticsearch (search)', 'S3 (blobs)'])
        assert.ok(
          reasons.some(reason => reason.startsWith(`${service} cannot be used: `)),
          reasons.join('\n'),
        );
      const asked = (path: string, init?: RequestInit) => fetch(`${gateway.addresses.public}${path}`, init);
      const headers = { 'content-type': 'application/json' };
      const posted = await asked('/orders', { method: 'POST', headers, body: '{"id":"1","shop":"a"}' });
      for (const response of [posted, await asked('/orders?key=1')]) {
        assert.equal(response.status, 503);
        assert.ok(response.headers.has('retry-after'));
      }
      assert.equal((await asked('/hello')).status, 200);
      for (const service of ['Kafka', 'Redis', 'Elasticsearch', "Bucket 'bucket'"]) {
        const lines = gateway
          .output()
          .split('\n')
          .filter(line => line.includes(`"message":"${service}`));
        assert.equal(lines.length, 1, `${service}: ${lines.join('\n')}`);
      }
    } finally {
      assert.equal(await gateway.end('SIGTERM'), 0);
    }
  });
});

/**
 * As one in front of gateways does: asks them whether they are ready, and
 * sends requests to those only.
 */
function createBalancer(gateways: () => readonly RunningProcess[]) {
  let ready = [...gateways()];
  let turn = 0;
  const look = async () => {
    const all = [...gateways()];
    const states = await Promise.all(all.map(each => each.isReady()));
    ready = all.filter((_, index) => states[index]);
  };
  const timer = setInterval(() => void look(), 50);
  return {
    next: () => ready[turn++ % ready.length]?.addresses.public ?? '',
    close: () => clearInterval(timer),
  };
}

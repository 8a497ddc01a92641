// A topic of Kafka that an admin deletes and makes again under processes that run: what is
// published to the new one is delivered, without a restart.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { topicOf } from '../../core/names.ts';
import { OFFSETS_PER_EPOCH } from '../../drivers/event-log/epochs.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { shopFiles } from '../processes/shop.ts';
import { type RunningProcess, startProcess } from '../processes/start-process.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { findService } from '../services/service.ts';

const log = findService(kafka);
const store = findService(redis);
const SHOPS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

if (log && store)
  describe('a topic that is deleted and made again under a gateway and a worker', () => {
    const namespace = `again-${process.pid}-${Date.now().toString(36)}`;
    const topic = topicOf(namespace, 'orders');
    const running: RunningProcess[] = [];
    let notes: string;
    let admin: Admin;
    let gateway: RunningProcess;
    let rounds = 0;
    /** How often it was made again, and of which of those all was delivered. */
    let epochs = 0;
    const delivered = new Set<number>();

    before(async () => {
      notes = join(tempFolder(), 'notes');
      const directory = tempFolder(shopFiles({ namespace, notes }));
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      const start = async (role: 'gateway' | 'worker', env: Record<string, string> = {}) => {
        const started = await startProcess({ role, directory, services, env });
        running.push(started);
        return started;
      };
      admin = new Kafka({ brokers: log.url().split(','), logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      gateway = await start('gateway');
      await start('worker', { TENFOLD_FUNCTIONS_INTERNAL_URL: gateway.addresses.internal });
      const ready = async () => (await Promise.all(running.map(each => each.isReady()))).every(Boolean);
      await eventually(ready, 'both are ready');
    });
    after(async () => {
      await Promise.all(running.map(each => each.end('SIGKILL')));
      await admin?.disconnect();
      removeTempFolders();
    });

    const publish = async (shop: string, id: string) => {
      const body = JSON.stringify({ id, shop });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${gateway.addresses.public}/orders`, { method: 'POST', headers, body });
      await response.text();
      return response.status;
    };
    const noted = () => readFileSync(notes, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
    const shows = async (id: string) => {
      const response = await fetch(`${gateway.addresses.public}/orders?key=${id}`);
      await response.text();
      return response.status === 200;
    };
    const linesOf = (text: string) =>
      running.flatMap(each => each.output().split('\n')).filter(line => line.includes(text));
    /** Of every shop, which is every partition; what cannot be taken yet is published again. */
    const deliversAll = async () => {
      const round = ++rounds;
      for (const shop of SHOPS)
        await eventually(async () => (await publish(shop, `${shop}-${round}`)) === 204, `${shop} is taken`);
      const isNoted = () => SHOPS.every(shop => noted().includes(`${shop} ${shop}-${round}`));
      await eventually(isNoted, `round ${round} is delivered`).catch(error => {
        const missing = SHOPS.filter(shop => !noted().includes(`${shop} ${shop}-${round}`));
        const ends = running.map(each => each.output().split('\n').slice(-40).join('\n'));
        throw new Error(`${error.message}; ${missing} are missing\n${ends.join('\n==\n')}`);
      });
      for (const shop of SHOPS) await eventually(() => shows(`${shop}-${round}`), `the view shows ${shop}`);
      delivered.add(epochs);
    };
    const make = async () => {
      if (await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: false })) epochs++;
    };
    const isThere = async () => (await admin.listTopics()).includes(topic);
    // Also where an attempt before has failed in between.
    beforeEach(async () => {
      await make();
      await deliversAll();
    });

    it('delivers and shows all of the new one, each time', async () => {
      for (let again = 0; again < 2; again++) {
        await admin.deleteTopics({ topics: [topic] });
        await eventually(async () => !(await isThere()), 'it is gone');
        await make();
        await deliversAll();
      }
    });

    it('waits while there is none, and tells that once', async () => {
      const missing = (who: string) => linesOf('There is no topic').filter(line => line.includes(who)).length;
      const figures = () => [missing('"consumer":'), missing('"view":'), linesOf('cannot be looked after').length];
      const before = figures();
      const told = () => figures().map((count, index) => count - (before[index] ?? 0));
      await admin.deleteTopics({ topics: [topic] });
      await eventually(
        () =>
          told()
            .slice(0, 2)
            .every(count => count > 0),
        'both consumers tell it',
      );
      await eventually(async () => (await publish('a', 'a-early')) === 503, 'publishers are told, too');
      // Which is tried for seconds first, while the rest is tried again many times.
      await eventually(() => linesOf('could not be committed').length > 0, 'a position cannot be kept');
      const [subscription = 0, view = 0, generations = 0] = told();
      assert.deepEqual([subscription, view], [1, 1]);
      assert.ok(generations <= 3, `${generations}`);
      await make();
      await deliversAll();
    });

    it('warns of each: once for all, and in each partition of who waits for events', () => {
      const told = linesOf('deleted and made again').map(line => JSON.parse(line));
      assert.deepEqual(new Set(told.map(({ level }) => level)), new Set(['warn']));
      const jumps = told.filter(({ consumer }) => consumer !== undefined);
      const places = new Set(jumps.map(({ to, partition }) => `${to / OFFSETS_PER_EPOCH} ${partition}`));
      for (const life of delivered)
        for (let partition = 0; life > 0 && partition < 4; partition++)
          assert.ok(places.has(`${life} ${partition}`), `${life} ${partition} is not among ${[...places].join()}`);
      const ofTopic = told.filter(({ message }) => message.startsWith(`Topic ${topic} was`));
      assert.equal(ofTopic.length, epochs);
    });
  });

// The observer of Redis finds nothing in an installation that is well, used for all that chaos uses
// it for, and each thing that is planted there.
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type RunningProcess, startProcess } from '../../processes/start-process.ts';
import { kafka } from '../../services/kafka.ts';
import { redis } from '../../services/redis.ts';
import { findService } from '../../services/service.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { type ChaosFunctions, startFunctions } from '../functions/functions.ts';
import { createSender } from '../load/sender.ts';
import { useSiteOf } from '../load/use-site.ts';
import { createWider, type WiderLoad } from '../load/wider.ts';
import { idOf } from '../model/event.ts';
import { createModel } from '../model/model.ts';
import { applicationFiles, PARTITIONS } from '../site/application.ts';
import { widerFiles } from '../site/wider.ts';
import type { Check } from './check.ts';
import { keptChecks } from './kept.ts';
import { openRecords, type Records } from './records.ts';

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe('the observer of what Redis keeps', () => {
    const namespace = `kept-${process.pid}-${Date.now().toString(36)}`;
    const model = createModel(new Chance(1));
    const wider = createWider();
    let load: WiderLoad | undefined;
    let functions: ChaosFunctions;
    let running: RunningProcess;
    let records: Records;
    let client: Redis;
    let checks: readonly Check[];

    before(async () => {
      const handlers = { ...model.handlers, ...wider.handlers };
      functions = await startFunctions({ handlers, counted: [], chance: new Chance(1) });
      const directory = tempFolder({
        ...applicationFiles({ namespace, functions: functions.url, partitions: PARTITIONS }),
        ...widerFiles(namespace, functions.url),
      });
      const services = { kafka: log.url(), redis: store.url(), prefix: namespace };
      running = await startProcess({ role: 'serve', directory, services });
      records = openRecords({ namespace, brokers: { addresses: log.url().split(',') } });
      client = new Redis(store.url());
      checks = keptChecks({ site: { namespace, redis: { url: store.url() } }, model, records });
      await eventually(() => running.isReady(), 'it is ready');
    });
    after(async () => {
      load?.abandon();
      client?.disconnect();
      await records?.close();
      await running?.end('SIGKILL');
      functions?.close();
      removeTempFolders();
    });

    const differences = async () => (await Promise.all(checks.map(check => check.differences()))).flat();
    const scopeWith = async (name: string, scopes: string): Promise<string> => {
      const keys = await client.keys(`${namespace}:{${scopes}/*}:${name}`);
      return keys[0] ?? assert.fail(`there is no ${name} in ${scopes}`);
    };
    /** Ids decide which partition a row is in, so some may have a single one. */
    const largestOf = async (name: string, scopes: string): Promise<string> => {
      const keys = await client.keys(`${namespace}:{${scopes}/*}:${name}`);
      const sizes = await Promise.all(keys.map(async key => [await client.hlen(key), key] as const));
      const [largest] = sizes.sort(([one], [other]) => other - one);
      return largest?.[1] ?? assert.fail(`there is no ${name} in ${scopes}`);
    };
    /**
     * Of a View that is built anew there are several for a while, and the check
     * goes by the best of them.
     */
    const hasOneGeneration = async (view: string): Promise<boolean> => {
      const keys = await client.keys(`${namespace}:{view/${namespace}/${view}/*}:*`);
      return new Set(keys.map(key => key.split('/')[3])).size === 1;
    };

    it('finds nothing once all is done, whatever the application was used for', async () => {
      const parts = () => [running.addresses];
      load = wider.start(useSiteOf(namespace, { gateways: parts, workers: parts }), functions.url);
      const { post } = createSender(() => running.addresses.public, new AbortController().signal);
      for (let number = 1; number <= 20; number++)
        for (const key of ['k1', 'k2']) await post('/events', { id: idOf(key, number), key, number });
      for (let number = 1; number <= 3; number++) {
        const { headers } = await post('/jobs', { job: number });
        model.jobs.accepted(number, headers.get('location') ?? '');
      }
      await load.stop();
      let found: readonly string[] = ['nothing was looked at'];
      const isRight = async () => {
        found = await differences();
        return found.length === 0;
      };
      await eventually(isRight, 'nothing differs').catch(() => assert.fail(found.join('\n')));
    });

    it('finds a row that is gone, one that says something else, a wrong sum, a lost job, and what nobody owns', async () => {
      for (const view of ['rows', 'counts'])
        await eventually(() => hasOneGeneration(view), `there is one generation of ${view}`);
      const rows = await largestOf('rrows', `view/${namespace}/rows`);
      const [gone, changed] = await client.hkeys(rows);
      assert.ok(gone && changed, `${rows} has two rows`);
      await client.hdel(rows, gone);
      const row = await client.hgetBuffer(rows, changed);
      await client.hset(
        rows,
        changed,
        Buffer.from(String(row?.toString('latin1').replace(/"number":\d+/, '"number":0')), 'latin1'),
      );
      await client.zincrby(await scopeWith('smembers', `view/${namespace}/counts`), 1, 'k1');
      const jobs = await scopeWith('r', `jobs/${namespace}/jobs`);
      for (const id of await client.hkeys(jobs)) await client.hdel(jobs, id);
      await client.set(`${namespace}:{left}:over`, '');
      const found = (await differences()).join('\n');
      assert.match(found, new RegExp(`Redis has ${gone} 1 times too few`));
      assert.match(found, new RegExp(`the row of ${changed} is .*"number":0`));
      assert.match(found, /Redis has k1 × \d+ 1 times too few/);
      assert.match(found, /of job \d at \S+ Redis says nothing/);
      assert.match(found, /\{left\}:over has no end, and its scope does not know it/);
    });
  });

// A whole installation for chaos: three brokers, Redis with a replica, Elasticsearch, S3, two
// gateways and three workers, each of which can be broken and made whole again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../../cli/temp-folder.ts';
import { type SharedServices, startProcess } from '../../processes/start-process.ts';
import { type ElasticsearchServer, startElasticsearch } from '../../services/elasticsearch.ts';
import { startProxy } from '../../services/proxy.ts';
import { s3Url } from '../../services/s3.ts';
import { applicationFiles, PARTITIONS } from './application.ts';
import { type Brokers, startBrokers } from './brokers.ts';
import { prepareClocks } from './clock.ts';
import type { Link } from './link.ts';
import { type RedisPair, startRedisPair } from './redis-pair.ts';
import { type S3Place, startS3Place } from './s3-place.ts';
import { createSlot, type Slot } from './slot.ts';
import { widerFiles } from './wider.ts';

export interface Site {
  readonly namespace: string;
  readonly gateways: readonly Slot[];
  readonly workers: readonly Slot[];
  readonly brokers: Brokers;
  readonly redis: RedisPair;
  readonly elasticsearch: ElasticsearchServer;
  readonly s3: S3Place;
  readonly links: readonly Link[];
  /** Address of a gateway, another one each time. */
  publicAddress(): string;
  /** Asks the admin API of a worker. */
  admin(path: string): Promise<Response>;
  isReady(): Promise<boolean>;
  /** What each says of why it is not, for people. */
  readiness(): Promise<string>;
  /** From now on processes that start find the topic with one partition more. */
  grow(): number;
  /** What processes said that were not expected to end. */
  deaths(): readonly string[];
  close(): Promise<void>;
}

export async function startSite(functions: string): Promise<Site> {
  const namespace = `chaos-${process.pid}-${Date.now().toString(36)}`;
  const ending: (() => unknown)[] = [];
  const deaths: string[] = [];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  const kept = <T extends { close(): unknown }>(part: T): T => {
    ending.push(() => part.close());
    return part;
  };
  try {
    const brokers = kept(await startBrokers());
    const redis = kept(await startRedisPair());
    const s3 = kept(await startS3Place());
    const elasticsearch = await startElasticsearch();
    ending.push(() => elasticsearch.stop());
    const search = kept(await startProxy(elasticsearch.port));
    let partitions = PARTITIONS;
    const files = () => ({
      ...applicationFiles({ namespace, functions, partitions }),
      ...widerFiles(namespace, functions),
    });
    const directory = tempFolder(files());
    const services: SharedServices = {
      kafka: brokers.addresses.join(','),
      redis: redis.url,
      elasticsearch: `http://127.0.0.1:${search.port}`,
      s3: s3Url(s3.proxy.port),
      prefix: namespace,
    };
    const env = { TENFOLD_DRAIN_DELAY: '500ms', TENFOLD_FUNCTIONS_INTERNAL_URL: 'http://127.0.0.1:1' };
    const createClock = prepareClocks();
    const startSlot = async (role: 'gateway' | 'worker', number: number) => {
      const slot = await createSlot({
        name: `${role} ${number}`,
        clock: createClock(),
        begin: environment => startProcess({ role, directory, services, env: { ...env, ...environment } }),
        died: what => void deaths.push(what),
      });
      ending.push(() => slot.end());
      return slot;
    };
    const gateways = await Promise.all([1, 2].map(number => startSlot('gateway', number)));
    const workers = await Promise.all([1, 2, 3].map(number => startSlot('worker', number)));
    const all = [...gateways, ...workers];
    let turn = 0;
    return {
      namespace,
      gateways,
      workers,
      brokers,
      redis,
      elasticsearch,
      s3,
      links: [
        ...brokers.all.map(({ name, proxy }) => ({ name, proxy, keepsAttempts: true })),
        { name: 'Redis', proxy: redis.proxy, keepsAttempts: true },
        { name: 'Elasticsearch', proxy: search, keepsAttempts: false },
        { name: 'S3', proxy: s3.proxy, keepsAttempts: false },
      ],
      admin: async path => {
        const [worker] = workers;
        if (!worker) throw new Error('There is no worker.');
        return worker.running.admin(path);
      },
      publicAddress: () => gateways[turn++ % gateways.length]?.running.addresses.public ?? '',
      isReady: async () => (await Promise.all(all.map(({ running }) => running.isReady()))).every(Boolean),
      async readiness() {
        const told = all.map(async ({ name, running }) => {
          const answer = running.admin('/readyz').then(response => response.text());
          return `${name}: ${await answer.catch(String)}`;
        });
        return (await Promise.all(told)).join('\n');
      },
      grow() {
        partitions++;
        for (const [name, text] of Object.entries(files())) writeFileSync(join(directory, name), text);
        return partitions;
      },
      deaths: () => deaths,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

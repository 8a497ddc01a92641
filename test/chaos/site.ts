// A whole installation for chaos: three brokers, Redis, two gateways and three workers, each a process that can be killed, stopped and started anew.
import { tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { type RunningProcess, type SharedServices, startProcess } from '../processes/start-process.ts';
import { type KafkaCluster, startKafka } from '../services/kafka.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';

export interface Slot {
  readonly name: string;
  readonly running: RunningProcess;
  signal(signal: NodeJS.Signals): void;
  /** `kill -9`, then another in its place. */
  replace(): Promise<void>;
  /** The next one first, then the old one is asked to stop. */
  roll(): Promise<void>;
}

export interface Site {
  readonly gateways: readonly Slot[];
  readonly workers: readonly Slot[];
  readonly kafka: KafkaCluster;
  readonly redis: { signal(signal: NodeJS.Signals): void; kill(): Promise<void>; start(): Promise<void> };
  /** Address of a gateway, another one each time. */
  door(): string;
  isReady(): Promise<boolean>;
  /** What processes said that were not expected to end. */
  deaths(): readonly string[];
  close(): Promise<void>;
}

const MINUTE = 60_000;

const filesOf = (url: string, namespace: string) => ({
  'app.yaml': [
    ['Topic', 'events', '  partitions: 6\n  key: "${event.data.key}"'],
    [
      'Subscription',
      'deliveries',
      '  topic: events\n  to: { function: deliver }\n  from: earliest\n  retry: { attempts: 1000, backoff: constant, initial: 100ms }',
    ],
    ['View', 'rows', '  from: [events]\n  table: { key: "${event.data.id}" }'],
    ['Function', 'deliver', `  url: ${url}\n  timeout: 10s`],
    [
      'Api',
      'doors',
      `  routes:
    - { match: { method: POST, path: /events }, to: { topic: events } }
    - { match: { method: GET, path: /rows }, to: { view: rows } }`,
    ],
  ]
    .map(
      ([kind, name, spec]) =>
        `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`,
    )
    .join('---\n'),
});

export async function startSite(functionUrl: string): Promise<Site> {
  const name = `chaos-${process.pid}-${Date.now().toString(36)}`;
  const ending: (() => unknown)[] = [];
  const deaths: string[] = [];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const kafka = await startKafka({ nodes: 3 });
    ending.push(() => kafka.stop());
    const redis = await startDurableRedis();
    ending.push(() => redis.server().process.stop());
    const directory = tempFolder(filesOf(functionUrl, name));
    const services: SharedServices = { kafka: kafka.brokers.join(','), redis: redis.server().url, prefix: name };
    const start = async (role: 'gateway' | 'worker', label: string): Promise<Slot> => {
      const begin = async () => {
        const started = await startProcess({ role, directory, services, env: internal });
        started.child.on('exit', (code, signal) => {
          // Killed by us, or asked to stop.
          if (signal !== 'SIGKILL' && code !== 0)
            deaths.push(`${label} ended (${code ?? signal}): ${started.output().slice(-2000)}`);
        });
        return started;
      };
      let running = await begin();
      ending.push(() => running.end('SIGKILL'));
      return {
        name: label,
        get running() {
          return running;
        },
        signal: signal => void running.child.kill(signal),
        async replace() {
          await running.end('SIGKILL');
          running = await begin();
        },
        async roll() {
          const before = running;
          running = await begin();
          await eventually(() => running.isReady(), `${label} is ready`, MINUTE);
          await before.end('SIGTERM');
        },
      };
    };
    let internal: Record<string, string> = { TENFOLD_DRAIN_DELAY: '500ms' };
    const gateways = await Promise.all(['gateway 1', 'gateway 2'].map(label => start('gateway', label)));
    internal = { ...internal, TENFOLD_FUNCTIONS_INTERNAL_URL: gateways[0]?.running.addresses.internal ?? '' };
    const workers = await Promise.all(['worker 1', 'worker 2', 'worker 3'].map(label => start('worker', label)));
    const all = [...gateways, ...workers];
    let turn = 0;
    return {
      gateways,
      workers,
      kafka,
      redis,
      door: () => gateways[turn++ % gateways.length]?.running.addresses.public ?? '',
      isReady: async () => (await Promise.all(all.map(({ running }) => running.isReady()))).every(Boolean),
      deaths: () => deaths,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What it has written is there again after it was killed. */
async function startDurableRedis() {
  const dir = tempFolder();
  const settings = { dir, 'maxmemory-policy': 'noeviction' };
  let server: RedisServer = await startRedis(settings);
  return {
    server: () => server,
    signal: (signal: NodeJS.Signals) => server.process.signal(signal),
    async kill() {
      server.process.signal('SIGKILL');
      await server.process.stop();
    },
    async start() {
      server = await startRedis(settings, server.port);
    },
  };
}

// The services, gateways and workers of `npm run demo -- --distributed`.
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createCallerKeys } from '../gateway/listeners/caller-keys.ts';
import {
  type RunningProcess,
  type SharedServices,
  startProcess,
  TOKEN,
  variablesOf,
} from '../test/processes/start-process.ts';
import { elasticsearch } from '../test/services/elasticsearch.ts';
import { kafka } from '../test/services/kafka.ts';
import { redis } from '../test/services/redis.ts';
import { s3 } from '../test/services/s3.ts';
import { type ServiceKind, startService } from '../test/services/service.ts';

export interface Driven {
  readonly addresses: { readonly public: string; readonly internal: string; readonly admin: string };
  readonly adminToken: string;
  readonly internalKey: string;
}

export interface Services {
  readonly urls: Omit<SharedServices, 'prefix'>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;

/** The services that the environment names, and our own for the others. */
export async function startServices(): Promise<Services> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.splice(0).map(end => end()));
  };
  const find = async (kind: ServiceKind): Promise<string> => {
    const service = await startService(kind);
    stops.push(() => service.stop());
    return service.url;
  };
  const started = await Promise.allSettled([kafka, redis, elasticsearch, s3].map(find));
  const urls = started.map(result => (result.status === 'fulfilled' ? result.value : ''));
  const failed = started.find(result => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [brokers = '', store = '', search = '', blobs = ''] = urls;
  return { urls: { kafka: brokers, redis: store, elasticsearch: search, s3: blobs }, stop };
}

/** Two gateways behind a balancer, and two workers. `admin`: whose admin port is asked. */
export async function startDistributed(
  directory: string,
  { urls }: Services,
  name: string,
  admin: 'gateway' | 'worker',
): Promise<{ readonly driven: Driven; close(): Promise<void> }> {
  const services = { ...urls, prefix: `demo-${name}` };
  const main = join(import.meta.dirname, 'demo-process.ts');
  const running: RunningProcess[] = [];
  const listeners = [await openBalancer(), await openBalancer()] as const;
  const close = async () => {
    const ended = running.splice(0).map(async each => ({ each, code: await each.end('SIGTERM') }));
    for (const { each, code } of await Promise.all(ended))
      if (code !== 0) throw new Error(`A process ended with ${code}; it said:\n${each.output()}`);
    for (const listener of listeners) listener.close();
  };
  const start = async (role: 'gateway' | 'worker') => {
    const env = {
      TENFOLD_FUNCTIONS_INTERNAL_URL: listeners[1].address,
      TENFOLD_LOG_LEVEL: 'info',
      TENFOLD_DRAIN: '5s',
    };
    const started = await startProcess({ role, directory, services, env, main });
    running.push(started);
    return started;
  };
  try {
    const all = await Promise.all((['gateway', 'gateway', 'worker', 'worker'] as const).map(start));
    const [first, second] = all;
    for (const gateway of [first, second]) {
      // A facade's figures are those of the gateway that took the requests.
      if (gateway === first || admin === 'worker') listeners[0].lead(gateway?.addresses.public ?? '');
      listeners[1].lead(gateway?.addresses.internal ?? '');
    }
    const end = Date.now() + READY_WITHIN_MS;
    while (!(await Promise.all(all.map(each => each.isReady()))).every(Boolean)) {
      if (Date.now() > end)
        throw new Error(`They do not get ready; they said:\n${all.map(each => each.output()).join('')}`);
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    const asked = all[admin === 'gateway' ? 0 : 2];
    return {
      driven: {
        addresses: {
          public: listeners[0].address,
          internal: listeners[1].address,
          admin: asked?.addresses.admin ?? '',
        },
        adminToken: TOKEN,
        internalKey: createCallerKeys(variablesOf(services)['TENFOLD_INTERNAL_SECRET'] ?? '').keyFor('default'),
      },
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** Connects to all known addresses in turn. */
async function openBalancer() {
  const targets: URL[] = [];
  let turn = 0;
  const server = createServer(client => {
    const target = targets[turn++ % targets.length];
    const upstream = connect(Number(target?.port), target?.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The balancer has no port.');
  return {
    address: `http://127.0.0.1:${address.port}`,
    lead: (url: string) => void targets.push(new URL(url)),
    close: () => void server.close(),
  };
}

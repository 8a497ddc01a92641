// Gateways and workers as an operator starts them: the command line in processes of their own, over
// services that they share.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Addresses, OwnAddresses } from '../../admin/platform-view.ts';
import { collect, startCli } from '../cli/run-cli.ts';

export const TOKEN = 'token-of-the-operator';

/** Where what they share is, as tests find it; what is left out there is none of. */
export interface SharedServices {
  readonly kafka: string;
  readonly redis: string;
  readonly elasticsearch?: string | undefined;
  /** `http://key:secret@host:port/bucket`. */
  readonly s3?: string | undefined;
  /** Of names in all of them but Kafka, whose topics have the names of their resources. */
  readonly prefix: string;
}

export interface RunningProcess {
  readonly addresses: Addresses;
  readonly child: ChildProcess;
  output(): string;
  /** Answers with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Asks its admin API. */
  admin(path: string, method?: string): Promise<Response>;
  isReady(): Promise<boolean>;
}

export interface ProcessOptions {
  readonly role: 'gateway' | 'worker' | 'serve';
  readonly directory: string;
  /** None of them: all is kept in the folder. */
  readonly services?: SharedServices;
  /** Another program than the command line; it takes role and folder. */
  readonly main?: string;
  /** The command line as it ships, instead of that of this checkout. */
  readonly packed?: string;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** 0 takes free ones. */
  readonly ports?: Partial<Record<keyof OwnAddresses, number>>;
}

const LISTENS_WITHIN_MS = 180_000;

export function variablesOf({ kafka, redis, elasticsearch, s3, prefix }: SharedServices): Record<string, string> {
  const bucket = s3 === undefined ? undefined : new URL(s3);
  return {
    TENFOLD_LOG_KAFKA_BROKERS: kafka,
    TENFOLD_STORE_REDIS_URLS: redis,
    TENFOLD_STORE_REDIS_PREFIX: prefix,
    ...(elasticsearch === undefined
      ? {}
      : { TENFOLD_SEARCH_ELASTICSEARCH_NODES: elasticsearch, TENFOLD_SEARCH_ELASTICSEARCH_PREFIX: `${prefix}-` }),
    ...(bucket === undefined
      ? {}
      : {
          TENFOLD_BLOBS_S3_ENDPOINT: bucket.origin,
          TENFOLD_BLOBS_S3_BUCKET: bucket.pathname.slice(1),
          TENFOLD_BLOBS_S3_ACCESS_KEY_ID: bucket.username,
          TENFOLD_BLOBS_S3_SECRET_ACCESS_KEY: bucket.password,
          TENFOLD_BLOBS_S3_PREFIX: `${prefix}/`,
        }),
    TENFOLD_INTERNAL_SECRET: `secret-of-the-listeners-${prefix}`,
    TENFOLD_ADMIN_TOKEN: TOKEN,
    TENFOLD_CALLBACKS_HOSTS: '127.0.0.0/8',
  };
}

/** Resolves when it listens, which is before it is ready. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { role, directory, services, env = {}, ports = {}, main, packed } = options;
  const portFlags = ['--port', String(ports.public ?? 0), '--internal-port', String(ports.internal ?? 0)];
  const flags = [...(role === 'worker' ? [] : portFlags), '--admin-port', String(ports.admin ?? 0)];
  const words = [role, directory, ...(main === undefined ? flags : [])];
  const child = startCli(words, {
    main: packed ?? main,
    cwd: directory,
    env: { ...(services ? variablesOf(services) : { TENFOLD_ADMIN_TOKEN: TOKEN }), ...env },
  });
  const closed = once(child, 'close').then(([code]): number | null => code);
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const output = () => stdout() + stderr();
  const addresses = await listening(child, stdout, output);
  const admin = (path: string, method = 'GET') =>
    fetch(`${addresses.admin}${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
  return {
    addresses,
    child,
    output,
    end(signal) {
      child.kill(signal);
      return closed;
    },
    admin,
    async isReady() {
      const response = await admin('/readyz').catch(() => undefined);
      if (response?.status !== 200) return false;
      const { reasons }: { reasons: readonly string[] } = JSON.parse(await response.text());
      return reasons.length === 0;
    },
  };
}

async function listening(child: ChildProcess, stdout: () => string, output: () => string): Promise<Addresses> {
  const end = Date.now() + LISTENS_WITHIN_MS;
  for (;;) {
    const found = /^\{.*"message":"listening","addresses":(\{[^}]*\})/m.exec(stdout())?.[1];
    if (found !== undefined) return JSON.parse(found);
    if (child.exitCode !== null || Date.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`it does not listen; it said:\n${output()}`);
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

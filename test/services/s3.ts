// S3 for tests: the Versity S3 Gateway, in a container or as a program (built by `make
// install-services`) over a folder of its own, with one bucket in it.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Connection } from '../../drivers/blob-store/s3/link.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import type { ServiceKind } from './service.ts';

/** The same as in `install`. */
const VERSION = 'v1.8.0';
const program = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  `tenfold/services/versitygw-${VERSION}/versitygw`,
);
const KEY = 'tenfold';
const SECRET = 'tenfold-secret';
const BUCKET = 'tenfold';
const LOOPBACK = '127.0.0.1';
const FLAGS = ['--health', '/health', '--keep-alive', '--quiet'];

/** Its URL has all that is needed: `http://key:secret@host:port/bucket`. */
export const s3: ServiceKind = {
  name: 'S3',
  variable: 'TENFOLD_TEST_S3',
  container: {
    service: 's3',
    port: 9000,
    command: ['--port', ':9000', ...FLAGS, 'posix', '/srv'],
    environment: () => ({ ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET }),
    url: port => s3Url(port),
    isReady: isHealthy,
    prepare: makeBucket,
  },
  isInstalled: () => existsSync(program),
  async start() {
    const server = await startS3();
    return { url: server.url, stop: () => server.process.stop() };
  },
};

export interface S3Server {
  readonly url: string;
  readonly port: number;
  readonly process: NativeProcess;
  /** What the bucket has, as files. */
  readonly folder: string;
}

/**
 * One of its own, for tests that break it. Over `folder`, if given: what another one has left
 * there. `env`: further variables. It listens on `host`, an address of this machine.
 */
export async function startS3(
  onPort?: number,
  folder?: string,
  env: Readonly<Record<string, string>> = {},
  host = LOOPBACK,
): Promise<S3Server> {
  const port = onPort ?? (await freePorts(1))[0] ?? 0;
  const rootOf = (own: string) => folder ?? join(own, 'buckets');
  const process = await startNative({
    name: 's3',
    command: 'env',
    env,
    args: own => [
      `ROOT_ACCESS_KEY=${KEY}`,
      `ROOT_SECRET_KEY=${SECRET}`,
      program,
      ...['--port', `${host}:${port}`, ...FLAGS, 'posix', rootOf(own)],
    ],
    prepare: async own => {
      await mkdir(join(rootOf(own), BUCKET), { recursive: true });
    },
    isReady: () => isHealthy(port, host),
  });
  return { url: s3Url(port, BUCKET, host), port, process, folder: rootOf(process.folder) };
}

function isHealthy(port: number, host = LOOPBACK): Promise<boolean> {
  return fetch(`http://${host}:${port}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function makeBucket(port: number): Promise<void> {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: KEY, secretAccessKey: SECRET },
    region: 'us-east-1',
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
}

export const s3Url = (port: number, bucket = BUCKET, host = LOOPBACK): string =>
  `http://${KEY}:${SECRET}@${host}:${port}/${bucket}`;

/** Without a key in it: found as the SDK finds it. */
export function toS3Connection(text: string): S3Connection {
  const { protocol, host, username, password, pathname } = new URL(text);
  const [accessKeyId, secretAccessKey] = [username, password].map(decodeURIComponent);
  return {
    endpoint: `${protocol}//${host}`,
    bucket: pathname.slice(1),
    credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
  };
}

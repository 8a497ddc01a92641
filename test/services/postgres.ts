// Postgres for tests: the system's server on a port of its own, with its data in a folder of its
// own. It refuses to run as root, so root starts it as the user of Debian's package.
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePorts } from '../cluster/free-ports.ts';
import type { TestCertificate } from '../fixtures/tls/certificates.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import type { ServiceKind } from './service.ts';

const DEBIAN = '/usr/lib/postgresql';
const PASSWORD = 'of-tests';

export const postgres: ServiceKind = {
  name: 'Postgres',
  variable: 'TENFOLD_TEST_POSTGRES',
  isInstalled: () => folderOfPrograms() !== undefined,
  async start() {
    const server = await startPostgres();
    return { url: server.url, stop: server.stop };
  },
};

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  /** As after a crash: nothing is written to the end. */
  kill(): Promise<void>;
  /** Again, with what it had on its disk. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Of the newest version that is installed. */
function folderOfPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  return versions.map(version => join(DEBIAN, version, 'bin')).find(folder => existsSync(join(folder, 'postgres')));
}

/** One of its own, for tests that break it. With `tls` it speaks TLS, too. */
export async function startPostgres(tls?: TestCertificate): Promise<PostgresServer> {
  const [port = 0] = await freePorts(1);
  const programs = folderOfPrograms() ?? '';
  const data = await mkdtemp(join(tmpdir(), 'tenfold-postgres-data-'));
  const owner = userOfPostgres();
  const password = join(data, 'password');
  writeFileSync(password, PASSWORD);
  const asOwner =
    owner === undefined ? [] : ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  if (owner) for (const path of [data, password]) chownSync(path, owner.uid, owner.gid);
  const secure = tls === undefined ? {} : writeCertificate(data, tls, owner);
  const folder = join(data, 'data');
  const [first = '', ...rest] = [...asOwner, join(programs, 'initdb')];
  const settings = ['-D', folder, '-U', 'tenfold', '-A', 'scram-sha-256', `--pwfile=${password}`, '-E', 'UTF8'];
  execFileSync(first, [...rest, ...settings, '--no-sync', '--locale=C.UTF-8'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const run = () => startServer([...asOwner, join(programs, 'postgres')], folder, port, secure);
  let process: NativeProcess | undefined = await run();
  const end = async (signal: NodeJS.Signals) => {
    process?.signal(signal);
    await process?.stop();
    process = undefined;
  };
  return {
    url: urlOf(port),
    port,
    kill: () => end('SIGQUIT'),
    async start() {
      process = await run();
    },
    async stop() {
      await end('SIGINT');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function startServer(
  [command = '', ...given]: readonly string[],
  folder: string,
  port: number,
  more: Readonly<Record<string, string>>,
): Promise<NativeProcess> {
  const quiet = { fsync: 'off', log_min_messages: 'error' };
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...quiet, ...more };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startNative({
    name: 'postgres',
    command,
    args: () => [...given, '-D', folder, '-p', String(port), ...args],
    isReady: () => answers(port),
  });
}

/** Settings by which it has the certificate. It refuses a key that others may read. */
function writeCertificate(folder: string, { cert, key }: TestCertificate, owner?: Owner): Record<string, string> {
  const files = { ssl_cert_file: join(folder, 'server.crt'), ssl_key_file: join(folder, 'server.key') };
  writeFileSync(files.ssl_cert_file, cert, { mode: 0o600 });
  writeFileSync(files.ssl_key_file, key, { mode: 0o600 });
  if (owner) for (const path of Object.values(files)) chownSync(path, owner.uid, owner.gid);
  // The certificate does not name the second address.
  return { ssl: 'on', listen_addresses: '127.0.0.1,127.0.0.2', ...files };
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function userOfPostgres(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** It listens before it takes connections: after a crash it first reads its journal. */
async function answers(port: number): Promise<boolean> {
  const client = new Client(urlOf(port));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const urlOf = (port: number) => `postgres://tenfold:${PASSWORD}@127.0.0.1:${port}/postgres`;

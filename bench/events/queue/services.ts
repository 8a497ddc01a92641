// Redis and PostgreSQL for a measurement: started in folders of their own on this machine's disk,
// durable as strictly as they can be.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../measure/server-process.ts';

export interface Service {
  readonly port: number;
  stop(): Promise<void>;
}

const STARTS_WITHIN_MS = 20_000;

/** Undefined where it is not installed (Debian: redis-server). */
export async function startRedis(folder: string): Promise<Service | undefined> {
  const program = '/usr/bin/redis-server';
  if (!existsSync(program)) return undefined;
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(program, [...settings, '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' });
  return serve(child, port);
}

/**
 * Undefined where it is not installed (Debian: postgresql). Its defaults: every commit is on disk.
 */
export async function startPostgres(folder: string): Promise<Service | undefined> {
  const versions = '/usr/lib/postgresql';
  const version = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined;
  if (version === undefined) return undefined;
  const bin = (name: string) => join(versions, version, 'bin', name);
  mkdirSync(folder, { recursive: true });
  // It refuses to run as root.
  const as: { uid?: number; gid?: number } = {};
  if (userInfo().uid === 0) {
    as.uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    as.gid = Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, as.uid, as.gid);
  }
  const data = join(folder, 'data');
  const options = { ...as, cwd: '/', stdio: 'ignore' as const };
  execFileSync(bin('initdb'), ['-D', data, '-A', 'trust', '-U', 'bench', '--no-sync'], options);
  const port = await freePort();
  const settings = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const service = await serve(spawn(bin('postgres'), settings, options), port);
  for (let tries = 0; tries < 100; tries++) {
    try {
      execFileSync(bin('createdb'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'bench', 'bench'], options);
      return service;
    } catch {
      // It listens before it takes commands.
      await sleep(100);
    }
  }
  throw new Error('PostgreSQL takes no commands');
}

async function serve(child: ChildProcess, port: number): Promise<Service> {
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  for (const limit = performance.now() + STARTS_WITHIN_MS; !(await listens(port)); await sleep(50)) {
    if (child.exitCode !== null || performance.now() > limit) throw new Error(`${child.spawnfile} does not start`);
  }
  return {
    port,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

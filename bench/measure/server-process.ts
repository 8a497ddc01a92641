// A server under test: its own process, pinned to its own core where taskset is there, with its CPU
// time read from the kernel.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds of CPU, user and system, that it has used so far. */
  cpuMs(): number;
  stop(): void;
}

const TICK_MS = 10;
const START_LIMIT_MS = 30_000;

export const canPin = (() => {
  try {
    execFileSync('taskset', ['-p', String(process.pid)]);
    return true;
  } catch {
    return false;
  }
})();

/** Pins this process, the one that makes the load. */
export function pinSelf(core: number): void {
  if (canPin) execFileSync('taskset', ['-a', '-cp', String(core), String(process.pid)]);
}

export async function startServer(
  args: readonly string[] | ((port: number) => readonly string[]),
  core: number,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  program = process.execPath,
): Promise<ServerProcess> {
  const port = await freePort();
  const pin = canPin ? ['taskset', '-c', String(core)] : [];
  const [command = '', ...rest] = [...pin, program, ...(typeof args === 'function' ? args(port) : args)];
  const options = { cwd, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
  const child = spawn(command, rest, {
    ...options,
    env: { ...process.env, PORT: String(port), TENFOLD_HOST: '127.0.0.1', ...env },
  });
  process.once('exit', () => child.kill('SIGKILL'));
  await answering(port, child);
  const pid = child.pid ?? 0;
  return { port, pid, cpuMs: () => cpuOf(pid), stop: () => child.kill('SIGKILL') };
}

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const limit = performance.now() + START_LIMIT_MS;
  while (performance.now() < limit) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    try {
      await fetch(`http://127.0.0.1:${port}/orders/1`);
      return;
    } catch {
      await sleep(20);
    }
  }
  throw new Error('the server does not answer');
}

/** proc(5): fields 14 and 15 of stat, after the name in parentheses. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

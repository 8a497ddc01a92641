// The namespaces that a node lives in, and the programs in them. All are gone when this
// process is, however that ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOST_ADDRESS, NODE_ADDRESS, POD_RANGE, SERVICE_RANGE } from './addresses.ts';

export interface Namespaces {
  /** What is kept in it is removed at the end. */
  readonly folder: string;
  /** Starts a program that stays; what it says is in `FOLDER/NAME.log`. */
  start(name: string, command: string, args: readonly string[]): void;
  signal(name: string, signal: NodeJS.Signals): void;
  /** Sends SIGKILL and waits for the end. */
  kill(name: string): Promise<void>;
  isRunning(name: string): boolean;
  lastLines(name: string): string;
  /** Runs a program to its end; what it printed. Throws what it printed if it fails. */
  run(command: string, args: readonly string[], input?: string): string;
  close(): Promise<void>;
}

/**
 * Of the shells' own: the program is in the namespace of processes, whose
 * ids are not this machine's.
 */
const WITH_ID = 'echo $$ > "$0" && exec "$@"';

export async function openNamespaces(): Promise<Namespaces> {
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-node-'));
  const guard = spawn(
    fileURLToPath(new URL('guard', import.meta.url)),
    [folder, NODE_ADDRESS, HOST_ADDRESS, POD_RANGE, SERVICE_RANGE],
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
  );
  const holder = await holderOf(guard);
  const entering = ['net', 'mnt', 'pid_for_children'].map(
    (file, index) => `--${['net', 'mount', 'pid'][index]}=/proc/${holder}/ns/${file}`,
  );
  const programs = new Map<string, ChildProcess>();
  const idFile = (name: string) => join(folder, `${name}.pid`);
  const logFile = (name: string) => join(folder, `${name}.log`);
  const isRunning = (name: string) => {
    const child = programs.get(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  };
  const run = (command: string, args: readonly string[], input?: string) => {
    const ended = spawnSync('nsenter', [...entering, '--', command, ...args], {
      encoding: 'utf8',
      maxBuffer: 64e6,
      ...(input === undefined ? {} : { input }),
    });
    if (ended.error) throw ended.error;
    if (ended.status !== 0) throw new Error(`${command} ended with ${ended.status}: ${ended.stderr}${ended.stdout}`);
    return ended.stdout;
  };
  const signal = (name: string, which: NodeJS.Signals) =>
    void run('kill', ['-s', which.replace('SIG', ''), readFileSync(idFile(name), 'utf8').trim()]);
  return {
    folder,
    run,
    isRunning,
    signal,
    start(name, command, args) {
      const log = openSync(logFile(name), 'a', 0o600);
      const program = ['sh', '-c', WITH_ID, idFile(name), command, ...args];
      const stdio = ['ignore', log, log] as const;
      programs.set(name, spawn('nsenter', [...entering, '--', ...program], { cwd: folder, stdio: [...stdio] }));
      closeSync(log);
    },
    async kill(name) {
      const child = programs.get(name);
      if (!child || !isRunning(name)) return;
      const ended = new Promise(resolve => child.once('exit', resolve));
      signal(name, 'SIGKILL');
      await ended;
    },
    lastLines: name => readFileSync(logFile(name), 'utf8').split('\n').slice(-12).join('\n'),
    async close() {
      const ended = new Promise(resolve => guard.once('exit', resolve));
      guard.stdin?.end();
      await ended;
    },
  };
}

/** Id of the process that made the namespaces; the guard says it when all is there. */
function holderOf(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject);
    guard.once('exit', code => reject(new Error(`The guard of the node ended with ${code}; it says why above.`)));
    guard.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString().trim())));
  });
}

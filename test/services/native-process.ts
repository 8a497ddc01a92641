// A server program as a child: in a folder of its own, with a log, and gone when whoever started it
// is gone, however that ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standStill, stateOf } from './stand-still.ts';

/** Before mocha's own limit, so that its log is told. */
const READY_WITHIN_MS = 9 * 60_000;
const STOP_WITHIN_MS = 10_000;

export interface NativeProcess {
  /** Of the program itself; it changes when the program is started anew. */
  readonly pid: number;
  readonly folder: string;
  /** `SIGKILL`, `SIGSTOP` (of which it stands still when this returns), `SIGCONT`, … */
  signal(signal: NodeJS.Signals): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * The shell waits for the end of its input, which the operating system brings about when
 * the parent dies, then ends the program by its id and removes the folder ($0). A signal
 * to the whole group ends the waiting alone; the program is to have those to end it, and
 * so is not made to ignore them.
 */
const GUARD =
  'trap "" INT; trap : TERM HUP; "$@" & child=$!; echo $child; cat > /dev/null; kill -CONT $child 2>/dev/null; kill $child 2>/dev/null; wait $child; cd / && rm -rf -- "$0"';

export interface NativeProgram {
  readonly name: string;
  readonly command: string;
  args(folder: string): readonly string[];
  /** Writes what it reads when it starts. */
  prepare?(folder: string): Promise<void>;
  /** Asked again and again until it says yes. */
  isReady(): Promise<boolean>;
  /** Further variables. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where its folder lies; the system's folder for temporary files when left out. */
  readonly parent?: string;
}

export async function startNative({
  name,
  command,
  args,
  prepare,
  isReady,
  env,
  parent = tmpdir(),
}: NativeProgram): Promise<NativeProcess> {
  const folder = await mkdtemp(join(parent, `tenfold-${name}-`));
  await prepare?.(folder);
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a', 0o600);
  const guard = spawn('sh', ['-c', GUARD, folder, command, ...args(folder)], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', log],
  });
  let pid: number | undefined;
  const stop = async () => {
    await end(guard, pid);
    // Again, as the shell may have had to be killed.
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    pid = await pidOf(guard);
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isReady())) {
      if (!isAlive(pid)) throw new Error(`${name} ended: ${lastLines(logFile)}`);
      if (Date.now() > deadline) throw new Error(`${name} was not ready in time: ${lastLines(logFile)}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const program = pid;
    return {
      pid: program,
      folder,
      stop,
      signal: signal => (signal === 'SIGSTOP' ? standStill(program) : process.kill(program, signal)),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function pidOf(guard: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    guard.once('error', reject);
    guard.stdout?.once('data', (line: Buffer) => resolve(Number.parseInt(line.toString(), 10)));
    // What the program says itself is not read; it must not fill the pipe.
    guard.stdout?.resume();
  });
}

/** One that has ended is there as long as the shell has not asked for it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return stateOf(`/proc/${pid}`) !== 'Z';
}

/**
 * A program that does not end when it is told to is killed: its shell then ends by itself, and
 * would leave it behind if it were killed first.
 */
async function end(guard: ChildProcess, pid: number | undefined): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return;
  const ended = new Promise(resolve => guard.once('exit', resolve));
  guard.stdin?.end();
  const insist = setTimeout(() => {
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
    else guard.kill('SIGKILL');
  }, STOP_WITHIN_MS);
  await ended;
  clearTimeout(insist);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n');
}

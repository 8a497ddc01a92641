// A platform as a user starts it: the command line in a process of its
// own, with its public address.
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { COMMAND_LINE } from '../cli/run-cli.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface PlatformProcess {
  readonly address: string;
  output(): string;
  /** Ends it as Ctrl-C does and answers with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/**
 * `command`: program and arguments before `serve` or `dev`; the command line
 * of this checkout when absent.
 */
export async function startPlatformProcess(
  words: readonly string[],
  command: readonly string[] = [process.execPath, '--conditions=tenfold-source', COMMAND_LINE],
  cwd = root,
  env: NodeJS.ProcessEnv = {},
): Promise<PlatformProcess> {
  const [program = '', ...args] = command;
  const ports = ['--port', '0', '--internal-port', '0', '--admin-port', '0'];
  const child = spawn(program, [...args, ...words, ...ports], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', chunk => (text += chunk));
  const closed = new Promise<number | null>(resolve => child.once('close', resolve));
  return {
    address: await addressIn(() => text, child),
    output: () => text,
    stop() {
      child.kill('SIGINT');
      return closed;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

const LISTENS_WITHIN_MS = 3 * 60_000;

async function addressIn(text: () => string, child: ChildProcess): Promise<string> {
  const end = Date.now() + LISTENS_WITHIN_MS;
  for (;;) {
    const found = /"public":"(http:[^"]+)"|public {2,}(http:\S+)/.exec(text());
    const address = found?.[1] ?? found?.[2];
    if (address !== undefined) return address;
    if (child.exitCode !== null || Date.now() > end) throw new Error(`it does not listen; it said:\n${text()}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

// A function's process for tests: its module written to a folder of its own,
// started as a host starts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostMessage } from '../../runtime/host-channel.ts';
import { eventually } from '../eventually.ts';

export const MAIN = fileURLToPath(new URL('../../runtime/main.ts', import.meta.url));

export interface FunctionProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly messages: HostMessage[];
  /** Lines of its output, parsed where they are JSON. */
  readonly lines: Array<Record<string, unknown>>;
  /** Address once it has reported to be ready. */
  ready(): Promise<string>;
  /** The exit code, or the signal's name. */
  readonly ended: Promise<number | string | null>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  readonly entry?: string;
  /** Who the process runs as, where the tests run as root; else it is who runs the tests. */
  readonly user?: number;
}

const processes: FunctionProcess[] = [];
const folders: string[] = [];

/** Files by path, into a new folder outside the repository. */
export function writeFiles(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tenfold-function-')));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export function startProcess(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: StartOptions = {},
): FunctionProcess {
  const folder = writeFiles(files);
  const entry = join(folder, options.entry ?? Object.keys(files)[0] ?? '');
  const isRoot = process.getuid?.() === 0;
  const { user } = options;
  if (isRoot && user !== undefined) chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), MAIN, entry], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0', TENFOLD_HOST: '127.0.0.1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    ...(isRoot && user !== undefined ? { uid: user, gid: user } : {}),
  });
  const messages: HostMessage[] = [];
  const lines: Array<Record<string, unknown>> = [];
  let rest = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(part.startsWith('{') ? JSON.parse(part) : { text: part });
  });
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    errors += chunk;
  });
  child.on('message', message => messages.push(message as HostMessage));
  // Not 'close', which never comes when this side has ended the channel.
  const exit = new Promise<number | string | null>(resolve =>
    child.on('exit', (code, signal) => resolve(code ?? signal)),
  );
  const output = new Promise(resolve => child.stdout?.on('end', resolve));
  const ended = Promise.all([exit, output]).then(([code]) => code);
  const started: FunctionProcess = {
    child,
    folder,
    messages,
    lines,
    ended,
    async ready() {
      const find = () => messages.find(message => message.type === 'ready');
      await eventually(() => {
        if (child.exitCode !== null)
          throw new Error(`ended with ${child.exitCode}: ${errors} ${JSON.stringify(lines)}`);
        return find() !== undefined;
      }, 'the process is ready');
      return `http://127.0.0.1:${find()?.port}`;
    },
  };
  processes.push(started);
  return started;
}

export async function stopProcesses(): Promise<void> {
  for (const { child, ended } of processes.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

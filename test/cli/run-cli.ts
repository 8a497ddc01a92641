// Runs the command line as a process of its own, as a shell does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Its sources, so that one test tries what was just changed. All tests run beside each other from
 * what was built before them, as users do: some hundred processes start in half the time.
 */
export const COMMAND_LINE = fileURLToPath(
  new URL(process.env['BUILT'] === 'yes' ? '../../dist/cli/main.js' : '../../cli/main.ts', import.meta.url),
);

/** Characters; a string of half a gigabyte cannot be made. */
const MOST_COLLECTED = 64 * 1024 ** 2;

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** In a process group of its own, as a shell starts it. */
  readonly detached?: boolean;
  /** Another program than the command line. */
  readonly main?: string | undefined;
}

export function startCli(words: readonly string[], options: CliOptions = {}): ChildProcess {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...env } = process.env;
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, options.main ?? COMMAND_LINE, ...words], {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    detached: options.detached ?? false,
    stdio: 'pipe',
  });
}

export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(words, options);
  child.stdin?.end(options.stdin ?? '');
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const [code] = await once(child, 'close');
  return { code, stdout: stdout(), stderr: stderr() };
}

/** What a child has written so far; of one that writes for an hour the newest. */
export function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name]?.setEncoding('utf8').on('data', chunk => {
    text += chunk;
    if (text.length > MOST_COLLECTED) text = `…${text.slice(-MOST_COLLECTED / 2)}`;
  });
  return () => text;
}

// The command line of this checkout, as a process.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from './docker.ts';

const run = promisify(execFile);
const FROM_SOURCE = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', 'cli/main.ts'];

/** What it prints. Rejects with what it says where it fails. */
export async function tenfold(args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...FROM_SOURCE, ...args], { cwd: root });
  return stdout;
}

// `tenfold operator` as it ships, as a process of its own with the rights
// that the manifests give it.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, entries, root } from '../../../scripts/bundle.ts';
import { tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { kubeconfigFor } from '../serving/serving-process.ts';

export interface OperatorProcess {
  readonly child: ChildProcess;
  /** Of its admin port. */
  readonly admin: string;
  residentBytes(): Promise<number>;
  /** The most that it has had in memory since it began. */
  mostResidentBytes(): Promise<number>;
  /** Answers with exit code and signal. */
  end(signal: NodeJS.Signals): Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/**
 * Not `dist/`, which other tests build and run at the same time. Below `node_modules`, so that
 * packages are found from there.
 */
const built = join(root, 'node_modules/.cache/tenfold/operator-process');

/** What runs in an image; loading sources takes memory of its own. */
export async function buildCli(): Promise<void> {
  const cli = entries.find(({ source }) => source === 'cli/main.ts');
  assert.ok(cli);
  await rm(built, { recursive: true, force: true });
  await bundle(cli, { outdir: built });
}

/**
 * Resolves when it leads. `buildCli` comes before it; what it keeps is in a folder that
 * `removeTempFolders` removes.
 */
export async function startOperatorProcess(
  plane: Pick<ControlPlane, 'url' | 'ca'>,
  env: Readonly<Record<string, string>> = {},
): Promise<OperatorProcess> {
  const file = join(tempFolder(), 'kubeconfig');
  await writeFile(file, kubeconfigFor(plane, 'operator'), { mode: 0o600 });
  const child = spawn(
    process.execPath,
    [join(built, 'cli/main.js'), 'operator', '--kubeconfig', file, '--admin-port', '0'],
    {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = once(child, 'exit');
  await eventually(() => output.includes('"leading"'), 'the operator leads').catch(error => {
    child.kill('SIGKILL');
    throw new Error(`${error.message}; it said:\n${output}`);
  });
  return {
    child,
    admin: /"admin":"([^"]+)"/.exec(output)?.[1] ?? '',
    residentBytes: () => bytesOf(child, 'VmRSS'),
    mostResidentBytes: () => bytesOf(child, 'VmHWM'),
    async end(signal) {
      child.kill(signal);
      const [code, by] = await ended;
      return [code, by];
    },
  };
}

async function bytesOf({ pid }: ChildProcess, what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const lines = (await readFile(`/proc/${pid}/status`, 'utf8')).split('\n');
  const kilobytes = /(\d+) kB/.exec(lines.find(line => line.startsWith(what)) ?? '')?.[1];
  return Number(kilobytes) * 1024;
}

// Starts the legacy shop on a free port with empty data, and gives a folder in which
// the application leads there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Prepared {
  /** To be run by the platform. */
  readonly directory: string;
  close(): Promise<void>;
}

export async function prepare(): Promise<Prepared> {
  const here = import.meta.dirname;
  mkdirSync(join(here, '.cache'), { recursive: true });
  const directory = mkdtempSync(join(here, '.cache', 'run-'));
  const flags = ['--disable-warning=ExperimentalWarning'];
  const legacy = spawn(process.execPath, [...flags, join(here, 'legacy/main.ts'), '0', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(legacy, 'exit');
  const close = async () => {
    if (legacy.exitCode === null && legacy.kill('SIGTERM')) await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const url = await firstAddress(legacy.stdout);
    const app = readFileSync(join(here, 'app.yaml'), 'utf8')
      .replaceAll('http://127.0.0.1:4600', url)
      .replaceAll('source: ./', 'source: ../../')
      .replace('  env:\n', `  env:\n    - { name: DATA_DIR, value: ${JSON.stringify(join(directory, '.data'))} }\n`);
    writeFileSync(join(directory, 'app.yaml'), app);
    return { directory, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstAddress(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const address = /http:\/\/\S+/.exec(line)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error('the legacy shop ended before it listened');
}

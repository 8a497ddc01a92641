// Starts a program of this sample on a free port, and knows where it listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Program {
  readonly url: string;
  close(): Promise<void>;
}

/** `words`: the file below this folder, and its arguments after the port. */
export async function startProgram(
  [file, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Promise<Program> {
  const command = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, file), '0', ...args];
  const child = spawn(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url === undefined) continue;
    return {
      url,
      async close() {
        if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await ended;
      },
    };
  }
  throw new Error(`${file} ended before it listened`);
}

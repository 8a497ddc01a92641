// Starts the process that is killed, talks to it, kills it with SIGKILL and waits for its end.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Answer, Order } from './protocol.ts';

const SOURCES = ['test/kills/victim.ts', 'drivers/sqlite/thread-main.ts'];

/** Bundled, as it ships, it starts several times as fast. */
export async function bundleVictim(folder: string): Promise<{ readonly victim: string; readonly thread: string }> {
  await build({
    entryPoints: SOURCES,
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    conditions: ['tenfold-source'],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    logLevel: 'error',
  });
  return { victim: join(folder, 'victim.mjs'), thread: join(folder, 'thread-main.mjs') };
}

export class Victim {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #complaint = '';

  constructor(program: { readonly victim: string; readonly thread: string }, file: string, url: string) {
    this.#child = fork(program.victim, [file, url, program.thread], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#complaint += data.toString();
    });
  }

  onAnswer(listen: (answer: Answer) => void): void {
    this.#child.on('message', listen);
  }

  send(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  /** Rejects when it ends instead. */
  async answer<K extends Answer['kind']>(kind: K): Promise<Answer & { kind: K }> {
    const ended = this.#exited.then(() => {
      throw new Error(`the process ended by itself: ${this.#complaint}`);
    });
    const answered = new Promise<Answer & { kind: K }>(resolve => {
      const listen = (answer: Answer) => {
        if (!isOf(answer, kind)) return;
        this.#child.off('message', listen);
        resolve(answer);
      };
      this.#child.on('message', listen);
    });
    return Promise.race([answered, ended]);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      throw new Error(`the process ended by itself: ${this.#complaint}`);
    }
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

function isOf<K extends Answer['kind']>(answer: Answer, kind: K): answer is Answer & { kind: K } {
  return answer.kind === kind;
}

// Starts the process that is killed, talks to it, kills it with SIGKILL and waits for its end.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Answer, Order } from './protocol.ts';

/**
 * Bundled, as it ships, it starts several times as fast. `source`: its entry,
 * from the root of the project.
 */
export async function bundleVictim(
  folder: string,
  source = 'test/kills/victim.ts',
): Promise<{ readonly victim: string; readonly thread: string }> {
  await build({
    entryPoints: [
      { in: source, out: 'victim' },
      { in: 'drivers/sqlite/thread-main.ts', out: 'thread-main' },
    ],
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outExtension: { '.js': '.mjs' },
    // Packages in CommonJS ask for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    conditions: ['tenfold-source'],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    logLevel: 'error',
  });
  return { victim: join(folder, 'victim.mjs'), thread: join(folder, 'thread-main.mjs') };
}

interface Kinded {
  readonly kind: string;
}

/** `O` is what it is told, `A` what it says. */
export class Victim<O = Order, A extends Kinded = Answer> {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #complaint = '';

  constructor(victim: string, args: readonly string[]) {
    this.#child = fork(victim, args, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#complaint += data.toString();
    });
  }

  onAnswer(listen: (answer: A) => void): void {
    this.#child.on('message', listen);
  }

  send(order: O): void {
    if (this.#child.connected) this.#child.send(Object(order), () => {});
  }

  /** Rejects when it ends instead. */
  async answer<K extends A['kind']>(kind: K): Promise<A & { kind: K }> {
    const ended = this.#exited.then(() => {
      throw new Error(`the process ended by itself: ${this.#complaint}`);
    });
    const answered = new Promise<A & { kind: K }>(resolve => {
      const listen = (answer: A) => {
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

function isOf<A extends Kinded, K extends string>(answer: A, kind: K): answer is A & { kind: K } {
  return answer.kind === kind;
}

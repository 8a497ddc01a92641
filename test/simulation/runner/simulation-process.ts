// A child process that simulates, seen from its parent.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Chunk, ChunkReport } from './chunk.ts';

export interface ProcessOptions {
  /** What it simulates; see simulations.ts. */
  readonly simulation: string;
  /** The module that it loads before anything else. */
  readonly hook?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const LAST_WORDS = 2_000;

export class SimulationProcess {
  readonly #child: ChildProcess;
  #stderr = '';

  constructor({ simulation, hook, env }: ProcessOptions) {
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    this.#child = fork(CHILD, [simulation], {
      execArgv: hook === undefined ? flags : [...flags, '--import', hook],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (data: Buffer) => {
      this.#stderr = `${this.#stderr}${data}`.slice(-LAST_WORDS);
    });
  }

  /** Fails where the process ends. */
  run(chunk: Chunk): Promise<ChunkReport> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const onMessage = (report: ChunkReport) => {
        child.off('exit', onExit);
        resolve(report);
      };
      const onExit = () => {
        child.off('message', onMessage);
        reject(this.#ended(chunk));
      };
      child.once('message', onMessage);
      child.once('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
      else child.send(chunk);
    });
  }

  /** Undefined: it did not answer within `ms`. */
  async runWithin(ms: number, chunk: Chunk): Promise<ChunkReport | undefined> {
    const { promise: over, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), ms);
    try {
      return await Promise.race([this.run(chunk), over]);
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ended({ from, to }: Chunk): Error {
    const { exitCode, signalCode } = this.#child;
    return new Error(`seeds ${from} to ${to}: the process ended (${exitCode ?? signalCode}): ${this.#stderr}`);
  }
}

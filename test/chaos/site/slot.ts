// The place of one gateway or worker: the process in it can be killed, stopped, kept busy, and
// replaced by another; the place has a clock of its own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { RunningProcess } from '../../processes/start-process.ts';
import type { Clock } from './clock.ts';

export interface Slot {
  readonly name: string;
  readonly running: RunningProcess;
  /** Of whatever process is in it. */
  readonly clock: Clock;
  signal(signal: NodeJS.Signals): void;
  /** Code in the process, once begun, lets nothing else in it go on for so long. */
  block(lengthMs: number): void;
  /** `kill -9`, then another in its place. */
  replace(): Promise<void>;
  /** The next one first, then the old one is asked to stop. */
  roll(): Promise<void>;
  /** For good. */
  end(): Promise<void>;
}

export interface SlotOptions {
  readonly name: string;
  readonly clock: Clock;
  begin(environment: Readonly<Record<string, string>>): Promise<RunningProcess>;
  /** It ended though nobody had killed it. */
  died(what: string): void;
}

const READY_WITHIN_MS = 5 * 60_000;
/** Characters of what a process said last. */
const TOLD = 10_000;
const BLOCK = fileURLToPath(new URL('block.ts', import.meta.url));

export async function createSlot({ name, clock, begin, died }: SlotOptions): Promise<Slot> {
  const block = join(tempFolder(), 'block');
  const environment = { ...clock.environment, CHAOS_BLOCK: block, NODE_OPTIONS: `--import=${BLOCK}` };
  const start = async () => {
    const started = await begin(environment);
    started.child.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL' && code !== 0)
        died(`${name} ended (${code ?? signal}): ${started.output().slice(-2000)}`);
    });
    return started;
  };
  let running = await start();
  return {
    name,
    get running() {
      return running;
    },
    clock,
    signal: signal => void running.child.kill(signal),
    block(lengthMs) {
      writeFileSync(block, String(lengthMs));
      running.child.kill('SIGUSR2');
    },
    async replace() {
      await running.end('SIGKILL');
      running = await start();
    },
    async roll() {
      const next = await start();
      try {
        await eventually(() => next.isReady(), `${name} is ready`, READY_WITHIN_MS);
      } catch (error) {
        const readiness = await next.admin('/readyz').then(
          response => response.text(),
          unreachable => String(unreachable),
        );
        await next.end('SIGKILL');
        throw new Error(
          `${error instanceof Error ? error.message : error}: ${readiness}\n${next.output().slice(-TOLD)}`,
        );
      }
      const before = running;
      running = next;
      await before.end('SIGTERM');
    },
    async end() {
      await running.end('SIGKILL');
      clock.close();
    },
  };
}

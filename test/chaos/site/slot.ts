// The place of one gateway or worker: the process in it can be killed, stopped, and replaced by another.
import { eventually } from '../../eventually.ts';
import type { RunningProcess } from '../../processes/start-process.ts';

export interface Slot {
  readonly name: string;
  readonly running: RunningProcess;
  signal(signal: NodeJS.Signals): void;
  /** `kill -9`, then another in its place. */
  replace(): Promise<void>;
  /** The next one first, then the old one is asked to stop. */
  roll(): Promise<void>;
  /** For good. */
  end(): Promise<unknown>;
}

export interface SlotOptions {
  readonly name: string;
  begin(): Promise<RunningProcess>;
  /** It ended though nobody had killed it. */
  died(what: string): void;
}

const READY_WITHIN_MS = 180_000;

export async function createSlot({ name, begin, died }: SlotOptions): Promise<Slot> {
  const start = async () => {
    const started = await begin();
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
    signal: signal => void running.child.kill(signal),
    async replace() {
      await running.end('SIGKILL');
      running = await start();
    },
    async roll() {
      const next = await start();
      try {
        await eventually(() => next.isReady(), `${name} is ready`, READY_WITHIN_MS);
      } catch (error) {
        await next.end('SIGKILL');
        throw error;
      }
      const before = running;
      running = next;
      await before.end('SIGTERM');
    },
    end: () => running.end('SIGKILL'),
  };
}

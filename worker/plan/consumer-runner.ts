// Keeps one dispatcher, or one View, running until it is closed. It starts as soon as its topics
// and the log allow, and again after a failed start.
import { again } from '../../core/retry/again.ts';
import type { World } from '../../core/world.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';

/** Something that a runner keeps running. */
export interface Runnable {
  close(graceMs: number): Promise<void>;
}

export interface RunnerState<T extends Runnable = Dispatcher> {
  readonly state: 'starting' | 'running' | 'stopped';
  /** The error of the newest start. */
  readonly lastError: string | undefined;
  /** The running instance. */
  readonly running: T | undefined;
}

export interface Runner<T extends Runnable = Dispatcher> extends RunnerState<T> {
  /** Resolves when it runs, or one start has failed. */
  readonly tried: Promise<void>;
  /** Lets calls in flight end, for at most so long. */
  close(graceMs: number): Promise<void>;
}

/** A runner for consumers that other processes run, and this one does not. */
export function runsElsewhere<T extends Runnable = Dispatcher>(): Runner<T> {
  return { state: 'starting', lastError: undefined, running: undefined, tried: Promise.resolve(), async close() {} };
}

const PAUSES = { base: 200, max: 10_000 };

export function runConsumer<T extends Runnable>(
  world: World,
  /** Creates the parts of the dispatcher and starts it. */
  start: () => Promise<T>,
  /** Called for every failed start. */
  failed: (error: unknown) => void,
): Runner<T> {
  const closing = new AbortController();
  let state: RunnerState['state'] = 'starting';
  let lastError: string | undefined;
  let running: T | undefined;
  const tried = Promise.withResolvers<void>();

  const notStarted = (error: unknown) => {
    lastError = error instanceof Error ? error.message : String(error);
    failed(error);
    tried.resolve();
  };
  const isRunning = (started: T) => {
    running = started;
    state = 'running';
    lastError = undefined;
  };
  const started = again(start, { ...PAUSES, failed: notStarted }, { world, signal: closing.signal })
    // It was closed before.
    .then(isRunning, () => undefined)
    .finally(tried.resolve);

  return {
    tried: tried.promise,
    get state() {
      return state;
    },
    get lastError() {
      return lastError;
    },
    get running() {
      return running;
    },
    async close(graceMs) {
      closing.abort(new Error('The consumer is closed.'));
      // A start under way ends first, as what it has opened must be closed.
      await started;
      await running?.close(graceMs);
      state = 'stopped';
    },
  };
}

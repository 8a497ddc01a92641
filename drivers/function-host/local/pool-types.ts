// Types of a pool of instances, and its options.
import type { World } from '../../../core/world.ts';
import type { FunctionStatus, Lease } from '../function-host.ts';
import type { Probe } from '../probe.ts';
import type { Launcher, LoadFailure } from './instance.ts';

export interface PoolLimits {
  /** Requests that may wait for a place; the next one is refused. */
  readonly maxWaiting: number;
  /**
   * How long an instance that is being replaced or stopped may finish its requests, milliseconds.
   */
  readonly drainMs: number;
  /**
   * An instance that ran at least this long before it exited was healthy: the backoff begins anew.
   */
  readonly healthyMs: number;
}

export interface PoolListener {
  failed(failure: LoadFailure, stillServing: boolean): void;
  reloaded(file: string, tookMs: number): void;
  /** `files` of the pool has changed. */
  loaded(): void;
}

export interface PoolOptions {
  readonly world: World;
  readonly launch: Launcher;
  readonly limits: PoolLimits;
  readonly listener: PoolListener;
  /** Asks an instance over HTTP whether it lives. */
  readonly probe: Probe;
}

export interface Pool {
  tryAcquire(): Lease | undefined;
  acquire(signal: AbortSignal): Promise<Lease>;
  status(): FunctionStatus;
  /** Local modules that the running code consists of, absolute paths. */
  readonly files: ReadonlySet<string>;
  /**
   * Replaces the running instances by new ones with the changed code; without any,
   * only forgets past failures.
   */
  reload(file: string): void;
  close(graceMs: number): Promise<void>;
}

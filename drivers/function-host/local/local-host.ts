// The laptop's function host: functions with a source run as child processes, functions with a url are where they are.
import { isDeepStrictEqual } from 'node:util';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionHost, Lease } from '../function-host.ts';
import { probe } from '../probe.ts';
import type { EnvironmentSources } from './function-environment.ts';
import type { LoadFailure } from './instance.ts';
import { LocalPool } from './pool.ts';
import type { Pool, PoolLimits } from './pool-types.ts';
import { createProcessLauncher, type RuntimeCommand } from './process-launcher.ts';
import { createSourceWatcher } from './source-watcher.ts';
import { createUrlPool } from './url-pool.ts';

export interface LocalHostListener {
  log(definition: FunctionDefinition, stream: 'stdout' | 'stderr', text: string): void;
  failed(definition: FunctionDefinition, failure: LoadFailure, stillServing: boolean): void;
  reloaded(definition: FunctionDefinition, file: string, tookMs: number): void;
}

export interface LocalHostOptions {
  readonly world: World;
  readonly runtime: RuntimeCommand;
  environment(definition: FunctionDefinition): EnvironmentSources;
  /** Flags of its process: what it may do. Called at each start. */
  flags(definition: FunctionDefinition): readonly string[];
  /** Whether to replace instances when their source changes. */
  readonly watch: boolean;
  readonly listener: LocalHostListener;
  readonly limits?: Partial<PoolLimits>;
  readonly startTimeoutMs?: number;
}

const DEFAULT_LIMITS: PoolLimits = { maxWaiting: 1000, drainMs: 30_000, healthyMs: 10_000 };
const DEFAULT_START_TIMEOUT_MS = 15_000;

export function createLocalHost(options: LocalHostOptions): FunctionHost {
  const { world, listener } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const entries = new Map<string, { readonly definition: FunctionDefinition; readonly pool: Pool }>();
  const leaving = new Set<Promise<void>>();
  let closed = false;
  const watcher = options.watch ? createSourceWatcher(world, sourceChanged) : undefined;

  return {
    apply(definitions) {
      if (closed) return;
      const wanted = new Map(definitions.map(definition => [keyOf(definition), definition]));
      for (const [key, { definition, pool }] of entries) {
        if (isDeepStrictEqual(wanted.get(key), definition)) continue;
        entries.delete(key);
        retire(pool, limits.drainMs);
      }
      for (const [key, definition] of wanted) {
        if (!entries.has(key)) entries.set(key, { definition, pool: poolFor(definition) });
      }
      watchSources();
    },
    tryAcquire: (namespace, name) => poolOf(namespace, name).tryAcquire(),
    acquire,
    status: () => [...entries.values()].map(({ pool }) => pool.status()),
    async close(graceMs) {
      closed = true;
      watcher?.close();
      for (const { pool } of entries.values()) retire(pool, graceMs);
      entries.clear();
      await Promise.all(leaving);
    },
  };

  function poolOf(namespace: string, name: string): Pool {
    const entry = entries.get(`${namespace}/${name}`);
    if (!entry) throw new TenfoldError('unknown-function', `No function ${name} in namespace ${namespace}.`);
    return entry.pool;
  }

  async function acquire(namespace: string, name: string, signal: AbortSignal): Promise<Lease> {
    const pool = poolOf(namespace, name);
    try {
      return await pool.acquire(signal);
    } catch (error) {
      // The definition was replaced while the request waited: it waits at the new one.
      const replaced = error instanceof TenfoldError && error.code === 'shutting-down' && !closed;
      if (!replaced || entries.get(`${namespace}/${name}`)?.pool === pool) throw error;
      return acquire(namespace, name, signal);
    }
  }

  function retire(pool: Pool, graceMs: number): void {
    const gone = pool.close(graceMs).finally(() => leaving.delete(gone));
    leaving.add(gone);
  }

  function poolFor(definition: FunctionDefinition): Pool {
    const { run } = definition;
    if (run.by === 'url') return createUrlPool(definition, run.url);
    if (run.by === 'image' || run.by === 'provider') {
      throw new TenfoldError('unsupported', `Function ${definition.name} is an image, and images do not run here.`);
    }
    const launch = createProcessLauncher(definition, {
      world,
      runtime: options.runtime,
      environment: options.environment(definition),
      flags: () => options.flags(definition),
      startTimeoutMs: options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
      log: (stream, text) => listener.log(definition, stream, text),
    });
    return new LocalPool(definition, {
      world,
      probe,
      launch,
      limits,
      listener: {
        failed: (failure, stillServing) => listener.failed(definition, failure, stillServing),
        reloaded: (file, tookMs) => listener.reloaded(definition, file, tookMs),
        loaded: watchSources,
      },
    });
  }

  function watchSources(): void {
    if (!watcher || closed) return;
    const files = new Set<string>();
    for (const { definition, pool } of entries.values()) {
      if (definition.run.by === 'source') files.add(definition.run.file);
      for (const file of pool.files) files.add(file);
    }
    watcher.watch(files);
  }

  function sourceChanged(file: string): void {
    for (const { definition, pool } of entries.values()) {
      const isEntry = definition.run.by === 'source' && definition.run.file === file;
      if (isEntry || pool.files.has(file)) pool.reload(file);
    }
  }
}

function keyOf(definition: FunctionDefinition): string {
  return `${definition.namespace}/${definition.name}`;
}

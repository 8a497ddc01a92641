// The laptop's function host: functions with a source run as child processes, functions with
// a url are where they are.
import { isDeepStrictEqual } from 'node:util';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition, FunctionHost, FunctionStatus, Lease } from '../function-host.ts';
import { probe } from '../probe.ts';
import type { DebugPorts } from './debug/debug-ports.ts';
import type { EnvironmentSources } from './function-environment.ts';
import type { LoadFailure } from './instance.ts';
import { LocalPool } from './pool.ts';
import type { Pool, PoolLimits } from './pool-types.ts';
import { createProcessLauncher, type RuntimeCommand } from './process-launcher.ts';
import { createSourceWatcher, type SourceWatcher } from './source-watcher.ts';
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
  /** The ports at which debuggers find functions; without it they find none. */
  readonly debugPorts?: Pick<DebugPorts, 'prepare' | 'of'> | undefined;
  readonly listener: LocalHostListener;
  readonly limits?: Partial<PoolLimits>;
  readonly startTimeoutMs?: number;
}

const DEFAULT_LIMITS: PoolLimits = { maxWaiting: 1000, drainMs: 30_000, healthyMs: 10_000 };
const DEFAULT_START_TIMEOUT_MS = 15_000;

export function createLocalHost(options: LocalHostOptions): FunctionHost {
  const pools = new LocalPools(options);
  return {
    apply: definitions => pools.apply(definitions),
    tryAcquire: (namespace, name) => pools.tryAcquire(namespace, name),
    acquire: (namespace, name, signal) => pools.acquire(namespace, name, signal),
    status: () => pools.status(),
    close: graceMs => pools.close(graceMs),
  };
}

interface PoolEntry {
  readonly definition: FunctionDefinition;
  readonly pool: Pool;
}

class LocalPools {
  readonly #options: LocalHostOptions;
  readonly #limits: PoolLimits;
  readonly #watcher: SourceWatcher | undefined;
  /** By namespace and name. */
  readonly #entries = new Map<string, PoolEntry>();
  /** Pools that still finish requests. */
  readonly #leaving = new Set<Promise<void>>();
  #closed = false;

  constructor(options: LocalHostOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#watcher = options.watch ? createSourceWatcher(options.world, file => this.#sourceChanged(file)) : undefined;
  }

  apply(definitions: readonly FunctionDefinition[]): void {
    if (this.#closed) return;
    const prepared = this.#options.debugPorts?.prepare(definitions) ?? definitions;
    const wanted = new Map(prepared.map(definition => [keyOf(definition), definition]));
    for (const [key, { definition, pool }] of this.#entries) {
      if (isDeepStrictEqual(wanted.get(key), definition)) continue;
      this.#entries.delete(key);
      this.#retire(pool, this.#limits.drainMs);
    }
    for (const [key, definition] of wanted) {
      if (!this.#entries.has(key)) this.#entries.set(key, { definition, pool: this.#poolFor(definition) });
    }
    this.#watchSources();
  }

  tryAcquire(namespace: string, name: string): Lease | undefined {
    return this.#poolOf(namespace, name).tryAcquire();
  }

  async acquire(namespace: string, name: string, signal: AbortSignal): Promise<Lease> {
    const pool = this.#poolOf(namespace, name);
    try {
      return await pool.acquire(signal);
    } catch (error) {
      // The definition was replaced while the request waited: it waits at the new one.
      const replaced = error instanceof TenfoldError && error.code === 'shutting-down' && !this.#closed;
      if (!replaced || this.#entries.get(`${namespace}/${name}`)?.pool === pool) throw error;
      return this.acquire(namespace, name, signal);
    }
  }

  status(): FunctionStatus[] {
    return [...this.#entries.values()].map(({ pool }) => pool.status());
  }

  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    for (const { pool } of this.#entries.values()) this.#retire(pool, graceMs);
    this.#entries.clear();
    await Promise.all(this.#leaving);
  }

  #poolOf(namespace: string, name: string): Pool {
    const entry = this.#entries.get(`${namespace}/${name}`);
    if (!entry) throw new TenfoldError('unknown-function', `No function ${name} in namespace ${namespace}.`);
    return entry.pool;
  }

  #retire(pool: Pool, graceMs: number): void {
    const gone = pool.close(graceMs).finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #poolFor(definition: FunctionDefinition): Pool {
    const { run } = definition;
    if (run.by === 'url') return createUrlPool(definition, run.url);
    if (run.by === 'image' || run.by === 'provider') {
      throw new TenfoldError('unsupported', `Function ${definition.name} is an image, and images do not run here.`);
    }
    const options = this.#options;
    const { world, runtime, startTimeoutMs, listener } = options;
    const debugged = options.debugPorts?.of(definition);
    const launch = createProcessLauncher(definition, {
      world,
      runtime,
      environment: options.environment(definition),
      flags: () => [...options.flags(definition), ...(debugged?.flags ?? [])],
      debugPort: debugged?.port,
      startTimeoutMs: startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
      log: (stream, text) => listener.log(definition, stream, text),
    });
    return new LocalPool(definition, {
      world,
      probe,
      launch,
      limits: this.#limits,
      listener: {
        failed: (failure, stillServing) => listener.failed(definition, failure, stillServing),
        reloaded: (file, tookMs) => listener.reloaded(definition, file, tookMs),
        loaded: () => this.#watchSources(),
      },
    });
  }

  #watchSources(): void {
    if (!this.#watcher || this.#closed) return;
    const files = new Set<string>();
    for (const { definition, pool } of this.#entries.values()) {
      if (definition.run.by === 'source') files.add(definition.run.file);
      for (const file of pool.files) files.add(file);
    }
    this.#watcher.watch(files);
  }

  #sourceChanged(file: string): void {
    for (const { definition, pool } of this.#entries.values()) {
      const isEntry = definition.run.by === 'source' && definition.run.file === file;
      if (isEntry || pool.files.has(file)) pool.reload(file);
    }
  }
}

function keyOf(definition: FunctionDefinition): string {
  return `${definition.namespace}/${definition.name}`;
}

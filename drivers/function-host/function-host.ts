// The port to where functions run: who can answer a call now, and what state each function is in.

/**
 * Facts that a host needs to run one function. Every kind of source resolves to
 * exactly one of the three.
 */
export interface FunctionDefinition {
  readonly name: string;
  readonly namespace: string;
  readonly run:
    | { readonly by: 'source' /** Absolute path of the module. */; readonly file: string }
    | { readonly by: 'url'; readonly url: string }
    | { readonly by: 'image'; readonly image: string }
    /** A provider runs it in a cluster, and says where it is. */
    | { readonly by: 'provider' };
  /** Requests that one instance works on at the same time. */
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  /** How long an instance above the minimum may do nothing before it is stopped, milliseconds. */
  readonly idleMs: number;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Permissions on the platform's machine beyond those of every function. Only a function from
   * source is held to them.
   */
  readonly permissions?: Permissions | undefined;
  /** Over HTTP; undefined where nobody knows what it answers to which path. */
  readonly health?: HealthChecks | undefined;
}

/**
 * Abilities that Node can allow a process. Each but `wasi` lets the process around its permissions
 * to read and write.
 */
export type Ability = 'addons' | 'childProcesses' | 'sqlite' | 'wasi' | 'workers';

export interface Permissions {
  /** Files and folders, absolute. */
  readonly read: readonly string[];
  /** Also read. */
  readonly write: readonly string[];
  readonly allow: readonly Ability[];
}

/** How one instance is asked whether it lives. */
export interface HealthChecks {
  /** Answered with 200 to 399 as long as the process lives. */
  readonly path: string;
  /** Answered so as long as it takes calls. */
  readonly readyPath: string;
  /** Without an answer for so long it gets no calls until it answers again, milliseconds. */
  readonly unreadyAfterMs: number;
  /** Without an answer for so long it is replaced, milliseconds. */
  readonly restartAfterMs: number;
}

/**
 * The right to send one request to one instance; `release` must be called exactly once
 * when the answer has ended.
 */
export interface Lease {
  /** Scheme, host and port, e.g. `http://127.0.0.1:41234`. */
  readonly origin: string;
  /** Origin to connect to instead, where an instance is called directly. */
  readonly via?: string | undefined;
  /**
   * Prefix of the path at that origin, without a trailing slash; empty for functions of our own.
   */
  readonly basePath: string;
  /**
   * The provider that runs it in a cluster, where that may answer in its place; undefined where
   * none is known.
   */
  readonly provider?: string | undefined;
  /** Set by whoever has it: is told when the instance is ended under it. */
  holder?: LeaseHolder | undefined;
  release(): void;
}

export interface LeaseHolder {
  fail(error: unknown): void;
  /** Whether an answer has begun to arrive. */
  readonly begun: boolean;
  /** Milliseconds that are left for the call; 0 or less when its time is over. */
  readonly remainingMs: number;
}

export interface FunctionStatus {
  readonly name: string;
  readonly namespace: string;
  /**
   * In the words of the reasons of its conditions. `asleep`: nothing runs, the next request starts
   * it. `stopped`: it was asked to have no instances. `unavailable`: it does not start; `lastError`
   * says why.
   */
  readonly state: 'asleep' | 'starting' | 'available' | 'stopped' | 'unavailable';
  /** It is `starting`, as it was called while nothing of it ran. */
  readonly waking?: true;
  readonly instances: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** Starts after the first one, for whatever reason. */
  readonly restarts: number;
  readonly lastError?: string;
  /**
   * The versions that work on requests or come up, the newest first; absent where they are unknown.
   */
  readonly versions?: readonly FunctionVersion[];
}

/** Instances with the same code. */
export interface FunctionVersion {
  /** False: an earlier version, which ends, or keeps a share of the calls. */
  readonly isNewest: boolean;
  /** RFC 3339: since when it runs; absent where nobody knows. */
  readonly since?: string;
  readonly instances?: number;
  /** Its image, in a cluster. */
  readonly image?: string;
  /** Its Revision of Knative, and the share of the calls that it gets, in percent. */
  readonly revision?: string;
  readonly percent?: number;
}

export interface FunctionHost {
  /** Brings what runs in line with `definitions`; what is unchanged is left alone. */
  apply(definitions: readonly FunctionDefinition[]): void;
  /**
   * An instance for one request when one is free now; throws like `acquire`. The fast path: nothing
   * waits, nothing is allocated.
   */
  tryAcquire(namespace: string, name: string): Lease | undefined;
  /**
   * An instance for one request, as soon as one is free or has started. Rejects with
   * `unknown-function`, `overloaded` (too many wait), `function-crashed` (it does not start),
   * `function-off` (it is scaled to 0 replicas) or the signal's reason.
   */
  acquire(namespace: string, name: string, signal: AbortSignal): Promise<Lease>;
  status(): FunctionStatus[];
  /** Lets requests in flight end, at most `graceMs`, then ends every instance. */
  close(graceMs: number): Promise<void>;
}

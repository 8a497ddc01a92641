// What a running platform tells whoever started it, so that `dev` can print it and `serve` can log it.
import type { Snapshot } from '../resources/catalog/catalog.ts';
import type { ResourceProblem } from '../resources/resource.ts';

export interface FunctionLog {
  readonly namespace: string;
  readonly name: string;
  readonly stream: 'stdout' | 'stderr';
  /** One line without its end: JSON when the function logged through its context, anything otherwise. */
  readonly text: string;
}

export interface FunctionFailure {
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Where in the function's own source, when that is known. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** True where another process of the same code takes the place of one that ended. */
  readonly replaced?: boolean;
  /** True while an earlier version of the code keeps serving. */
  readonly stillServing: boolean;
}

export interface FunctionReload {
  readonly namespace: string;
  readonly name: string;
  /** Absolute path of the file whose change caused it. */
  readonly file: string;
  /** From noticing the change until the new code serves. */
  readonly tookMs: number;
}

export interface RequestEntry {
  readonly method: string;
  readonly host?: string | undefined;
  readonly path: string;
  /** 0 when the client left before an answer began. */
  readonly status: number;
  readonly durationMs: number;
  /** Who declares the route, e.g. `Api/default/shop`; this and what follows to `target` are undefined when no route took the request. */
  readonly resource?: string | undefined;
  /** Name of the route, or of the feature of a Strangler, where there is one; else its pattern. */
  readonly route?: string | undefined;
  /** e.g. `function orders`. */
  readonly target: string | undefined;
  /** Whom its credentials showed it to come from. */
  readonly consumer?: string | undefined;
  /** Address of the client. */
  readonly client?: string | undefined;
  readonly traceId: string;
  /** Why the gateway itself answered with a 5xx: names and expressions that a client is not told. */
  readonly reason?: string;
}

/** A decision of the gateway worth knowing, such as a promotion or a breaker that opened. */
export interface GatewayLogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PlatformEvents {
  accepted(snapshot: Snapshot): void;
  refused(problems: readonly ResourceProblem[]): void;
  functionLog(entry: FunctionLog): void;
  functionFailed(failure: FunctionFailure): void;
  functionReloaded(reload: FunctionReload): void;
  gatewayLog(entry: GatewayLogEntry): void;
  /** After each answer of the public listener. */
  request(entry: RequestEntry): void;
}

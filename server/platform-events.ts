// The events that a running platform reports to its starter, so that `dev` can print them and
// `serve` can log them.
import type { Snapshot } from '../resources/catalog/catalog.ts';
import type { ResourceProblem } from '../resources/resource.ts';

export interface FunctionLog {
  readonly namespace: string;
  readonly name: string;
  readonly stream: 'stdout' | 'stderr';
  /**
   * One line without its end: JSON when the function logged through its
   * context, anything otherwise.
   */
  readonly text: string;
}

export interface FunctionFailure {
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** The file of the function's own source, when it is known. */
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
  /** The time from the noticed change until the new code serves. */
  readonly tookMs: number;
}

export interface RequestEntry {
  /** Name of the listener that took it. */
  readonly listener: string;
  readonly method: string;
  readonly host?: string | undefined;
  readonly path: string;
  /** 0 when the client left before an answer began. */
  readonly status: number;
  readonly durationMs: number;
  /**
   * The resource that declares the route, e.g. `Api/default/shop`; this and the fields up to
   * `target` are undefined when no route took the request.
   */
  readonly resource?: string | undefined;
  /** Name of the route, or of the feature of a Strangler, where there is one; else its pattern. */
  readonly route?: string | undefined;
  /** e.g. `function orders`. */
  readonly target: string | undefined;
  /** The consumer that its credentials name. */
  readonly consumer?: string | undefined;
  /** Address of the client. */
  readonly client?: string | undefined;
  readonly traceId: string;
  /**
   * The reason why the gateway itself answered with a 5xx: names and expressions that a client does
   * not get.
   */
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
  /** Called after each answer of the public listener. */
  request(entry: RequestEntry): void;
}

// The events that a running platform reports to its starter, so that `dev` can print them and
// `serve` can log them.
import type { AnswerReason } from '../core/answer-reasons.ts';
import type { ReasonLevel } from '../core/reasons/reason-facts.ts';
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

interface FunctionInspected {
  readonly namespace: string;
  readonly name: string;
  /** A debugger can attach to it there, e.g. at `127.0.0.1:9229`. */
  readonly address: string;
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
  readonly trace: string;
  /** `info`, unless the reason says otherwise. */
  readonly level: ReasonLevel;
  /**
   * Why the gateway itself answered with an error, or gave the answer up. Without it the target
   * answered.
   */
  readonly reason?: AnswerReason | undefined;
  /** The errors behind a reason of `warn` or `error`: they name what a client does not get. */
  readonly cause?: string | undefined;
  /** From the first attempt until an answer began or none would. */
  readonly upstreamMs?: number | undefined;
  /** How often the request went over the network, where it went at all. */
  readonly attempts?: number | undefined;
  /** State of the circuit breaker, where it was not closed. */
  readonly breaker?: string | undefined;
  /** The part of the route's cache in the answer. */
  readonly cache?: string | undefined;
  /** Of the bodies. */
  readonly bytesIn?: number | undefined;
  readonly bytesOut?: number | undefined;
}

/** A decision of the gateway worth knowing, such as a promotion or a breaker that opened. */
export interface GatewayLogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PlatformEvents {
  /** `consumersRun`: what is published from now on reaches new consumers, too. */
  accepted(snapshot: Snapshot, consumersRun: boolean): void;
  refused(problems: readonly ResourceProblem[]): void;
  functionLog(entry: FunctionLog): void;
  functionFailed(failure: FunctionFailure): void;
  functionReloaded(reload: FunctionReload): void;
  functionInspected(inspected: FunctionInspected): void;
  gatewayLog(entry: GatewayLogEntry): void;
  /** Called after each answer of the public listener. */
  request(entry: RequestEntry): void;
}

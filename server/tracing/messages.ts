// Messages between a process and its thread that sends spans, metrics and log lines to the
// collector.
import type { FunctionService } from '../../core/tracing/span.ts';
import type { EncodedSpans } from './span-encoder.ts';

export interface SenderData {
  readonly url: string;
  /** The address for metrics; undefined where none are sent. */
  readonly metricsUrl?: string | undefined;
  /** The address for log lines; undefined where none are sent. */
  readonly logsUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
}

export type ToSender =
  | { readonly type: 'spans'; readonly encoded: readonly EncodedSpans[]; readonly count: number }
  | { readonly type: 'metrics'; readonly metrics: readonly MetricRecord[]; readonly since: number; readonly at: number }
  | { readonly type: 'logs'; readonly records: readonly LogRecordMessage[] }
  /** The thread ends once all is sent, or `withinMs` are over. */
  | { readonly type: 'end'; readonly withinMs: number };

export interface LogRecordMessage {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As of OpenTelemetry's `SeverityNumber`. */
  readonly severity: number;
  /** The word for it. */
  readonly level: string;
  readonly message: string;
  readonly attributes: readonly (readonly [name: string, value: string | number | boolean])[];
  /** Hex digits, unless a Function wrote something else there. */
  readonly trace?: string;
  readonly span?: string;
  /** The Function that wrote it; undefined: this process. */
  readonly service?: FunctionService;
}

export interface MetricPoint {
  readonly labels: Readonly<Record<string, string>>;
  /** The sum of a histogram. */
  readonly value: number;
  readonly histogram?: {
    readonly bounds: readonly number[];
    /** One more than bounds. */
    readonly counts: readonly number[];
    readonly count: number;
  };
}

export interface MetricRecord {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly points: readonly MetricPoint[];
}

/** The fate of one message. */
export interface FromSender {
  readonly of: 'spans' | 'metrics' | 'logs';
  /** How many spans, or log lines. */
  readonly sent: number;
  readonly lost: number;
  /** Why some were lost. */
  readonly reason: string | undefined;
  /** The buffers of spans that were sent; others may still be on their way. */
  readonly buffers?: readonly ArrayBuffer[];
}

// Messages between a process and its thread that sends spans and metrics to the collector.
import type { EncodedSpans } from './span-encoder.ts';

export interface SenderData {
  readonly url: string;
  /** The address for metrics; undefined where none are sent. */
  readonly metricsUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
}

export type ToSender =
  | { readonly type: 'spans'; readonly encoded: readonly EncodedSpans[]; readonly count: number }
  | { readonly type: 'metrics'; readonly metrics: readonly MetricRecord[]; readonly since: number; readonly at: number }
  /** The thread ends once all is sent, or `withinMs` are over. */
  | { readonly type: 'end'; readonly withinMs: number };

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
  readonly of: 'spans' | 'metrics';
  /** How many spans. */
  readonly sent: number;
  readonly lost: number;
  /** Why some were lost. */
  readonly reason: string | undefined;
  /** The buffers of spans that were sent; others may still be on their way. */
  readonly buffers?: readonly ArrayBuffer[];
}

// Metrics of the spans and log lines that are exported: how many were sent, lost or forgotten.
import { Counter, type Registry } from 'prom-client';
import type { TracerCounts } from '../../core/tracing/tracer.ts';

export interface TracingFigures extends TracerCounts {
  readonly sent: number;
  readonly lost: number;
  /** Log lines. */
  readonly logs: { readonly sent: number; readonly lost: number };
}

/** `figures` answers undefined where nothing is exported. */
export function registerTracingMetrics(registry: Registry, figures: () => TracingFigures | undefined): void {
  const counter = (name: string, help: string, value: (now: TracingFigures) => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        const now = figures();
        this.reset();
        if (now) this.inc(value(now));
      },
    });
  counter('tenfold_spans_sent_total', 'Spans that the collector took.', now => now.sent);
  counter(
    'tenfold_spans_lost_total',
    'Spans that were to be exported and were not: the collector did not take them, or not in time.',
    now => now.lost,
  );
  counter(
    'tenfold_spans_forgotten_total',
    'Spans of unsampled traces that were forgotten before `tracing.wait` was over, as too many waited.',
    now => now.forgotten,
  );
  counter('tenfold_log_lines_sent_total', 'Log lines that the collector took.', now => now.logs.sent);
  counter(
    'tenfold_log_lines_lost_total',
    'Log lines that were to be exported and were not: the collector did not take them, or not in time.',
    now => now.logs.lost,
  );
  counter(
    'tenfold_traces_kept_total',
    'Traces that were exported although they were not sampled: a span failed, was slow or was parked.',
    now => now.kept,
  );
}

// Metrics of schedules: runs that this process handed over, and runs that were left out.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ScheduleCounts } from '../events/schedules/schedule-counts.ts';

const LABELS = ['namespace', 'kind', 'name', 'schedule'] as const;
const REASONS = ['missed', 'overlap', 'waiting'] as const;

const counters: readonly { name: string; help: string; value(counts: ScheduleCounts): number }[] = [
  { name: 'tenfold_schedule_runs_total', help: 'Runs that were handed over.', value: ({ handedOver }) => handedOver },
  {
    name: 'tenfold_schedule_refused_total',
    help: 'Runs that their target does not take, such as for its schema.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_schedule_failures_total',
    help: 'Times that a schedule could not go on and is tried again, as while the store is away.',
    value: ({ failures }) => failures,
  },
];

export function registerScheduleMetrics(registry: Registry, counts: () => readonly ScheduleCounts[]): void {
  const common = { labelNames: LABELS, registers: [registry] };
  for (const { name, help, value } of counters) {
    new Counter({
      ...common,
      name,
      help: `${help} Since the platform started.`,
      collect() {
        this.reset();
        for (const each of counts()) this.inc(each.labels, value(each));
      },
    });
  }
  new Counter({
    name: 'tenfold_schedule_left_out_total',
    help: 'Runs that were left out, by reason. Since the platform started.',
    labelNames: [...LABELS, 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, leftOut } of counts())
        for (const reason of REASONS) this.inc({ ...labels, reason }, leftOut[reason]);
    },
  });
  new Gauge({
    ...common,
    name: 'tenfold_schedule_late_seconds',
    help: 'How late the newest run was handed over, its share of the jitter aside.',
    collect() {
      this.reset();
      for (const { labels, lateMs } of counts()) if (lateMs !== undefined) this.set(labels, lateMs / 1000);
    },
  });
}

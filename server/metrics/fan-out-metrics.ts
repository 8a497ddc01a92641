// Metrics of FanOuts: how far the state of their jobs is behind what happened, and how jobs ended.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { FanOutReport } from '../../admin/fan-out-view.ts';

export function registerFanOutMetrics(registry: Registry, reports: () => Promise<readonly FanOutReport[]>): void {
  new Gauge({
    name: 'tenfold_fan_out_behind_facts',
    help: 'Facts about jobs that their state does not reflect yet, in the partitions of this process.',
    labelNames: ['namespace', 'name'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { namespace, name, behind } of await reports()) {
        if (behind !== undefined) this.set({ namespace, name }, behind);
      }
    },
  });
  new Counter({
    name: 'tenfold_fan_out_jobs_ended_total',
    help: 'Jobs that ended, by how. Since the platform started.',
    labelNames: ['namespace', 'name', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { namespace, name, ended } of await reports()) {
        for (const [state, count] of Object.entries(ended)) this.inc({ namespace, name, state }, count);
      }
    },
  });
}

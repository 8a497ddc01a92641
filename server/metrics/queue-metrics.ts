// Metrics of Queues: jobs that they did not take.
import { Counter, type Registry } from 'prom-client';
import type { JobCounts } from '../../gateway/endpoints/job-counts.ts';

export function registerQueueMetrics(registry: Registry, counts: () => JobCounts | undefined): void {
  new Counter({
    name: 'tenfold_queue_refused_total',
    help: 'Jobs that were refused since the queue held maxWaiting of them. Since the process started.',
    labelNames: ['namespace', 'name'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, refused } of counts()?.list() ?? []) this.inc({ namespace, name }, refused);
    },
  });
}

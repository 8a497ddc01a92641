// Metrics of Topics: events that were published again, and were not taken a second time.
import { Counter, type Registry } from 'prom-client';
import type { PublishCounts } from '../../gateway/endpoints/publish-counts.ts';

export function registerTopicMetrics(registry: Registry, counts: () => PublishCounts | undefined): void {
  new Counter({
    name: 'tenfold_topic_repeated_total',
    help: 'Events that were published again within the window of deduplicate, and not appended. Since the process started.',
    labelNames: ['namespace', 'name'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, repeated } of counts()?.list() ?? []) this.inc({ namespace, name }, repeated);
    },
  });
}

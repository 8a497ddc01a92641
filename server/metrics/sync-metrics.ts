// Metrics of what writes changes back to legacy systems, besides those that all consumers have.
import { Counter, Gauge, type Registry } from 'prom-client';
import { describeBehind } from '../../gateway/strangler/phase/sync-status.ts';
import type { ConsumerState } from '../../worker/event-plane.ts';
import { statusOfSync } from '../events/syncs/syncs.ts';

const LABELS = ['namespace', 'strangler', 'feature'] as const;

export function registerSyncMetrics(registry: Registry, consumers: () => readonly ConsumerState[]): void {
  const syncs = () =>
    consumers().flatMap(state => {
      const { sync, resource } = state.plan;
      if (sync === undefined) return [];
      const labels = { namespace: resource.metadata.namespace, strangler: sync.strangler, feature: sync.feature };
      return [{ labels, sync, status: statusOfSync(state) }];
    });
  const common = { labelNames: LABELS, registers: [registry] };
  new Gauge({
    name: 'tenfold_strangler_sync_late',
    help: '1 while legacy is further behind the new side than maxLag, or it is not known how far.',
    ...common,
    collect() {
      this.reset();
      for (const { labels, sync, status } of syncs()) {
        this.set(labels, describeBehind(status, sync.maxLagMs) === undefined ? 0 : 1);
      }
    },
  });
  new Counter({
    name: 'tenfold_strangler_sync_returned_total',
    help: 'Changes left out because they came from that legacy system. Since the platform started, or the sync was changed.',
    ...common,
    collect() {
      this.reset();
      for (const { labels, status } of syncs()) this.inc(labels, status.returned);
    },
  });
}

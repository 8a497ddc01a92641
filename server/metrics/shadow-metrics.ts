// Metrics of the comparison of both sides of Stranglers, as their reports have it.
import { Gauge, type Registry } from 'prom-client';
import type { StranglerReport } from '../../gateway/strangler/report.ts';

export function registerShadowMetrics(registry: Registry, stranglers: () => readonly StranglerReport[]): void {
  new Gauge({
    name: 'tenfold_strangler_shadow_requests',
    help: 'Shadow requests in the current phase of the feature, by result: equal, mismatched, masked (they differ only where legacy differs from itself), uncompared or skipped. Later findings may change the result.',
    labelNames: ['namespace', 'strangler', 'feature', 'result'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, features } of stranglers()) {
        for (const { name: feature, phase, shadow } of features) {
          if (phase !== 'shadow') continue;
          const { compared, mismatched, masked, uncompared, skipped } = shadow;
          const results = {
            equal: compared - mismatched - masked,
            mismatched,
            masked,
            uncompared: sum(uncompared),
            skipped: sum(skipped),
          };
          for (const [result, count] of Object.entries(results)) {
            this.set({ namespace, strangler: name, feature, result }, count);
          }
        }
      }
    },
  });
  new Gauge({
    name: 'tenfold_strangler_shadow_max_mismatch',
    help: 'Largest share of differing answers that counts as good for a feature in shadow, 0 to 1: promote.maxMismatch, or 0.001 where nothing is promoted by itself.',
    labelNames: ['namespace', 'strangler', 'feature'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, features } of stranglers()) {
        for (const { name: feature, phase, maxMismatch } of features) {
          if (phase === 'shadow') this.set({ namespace, strangler: name, feature }, maxMismatch);
        }
      }
    },
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}

// What a facade tells of itself, made of values.
import type { FeatureReport, StranglerReport } from '../../gateway/strangler/report.ts';

const side = { requests: 0, failed: 0, latency: undefined };

export function fakeFeature(name: string, more: Partial<FeatureReport> = {}): FeatureReport {
  return {
    name,
    methods: [],
    path: `/${name}/*`,
    target: `function ${name}`,
    phase: 'legacy',
    percent: 0,
    declared: { phase: 'legacy', percent: 0 },
    elapsedMs: 90_000,
    sides: { legacy: side, new: side },
    shadow: {
      compared: 0,
      mismatched: 0,
      masked: 0,
      measured: 0,
      uncompared: {},
      skipped: {},
      examples: [],
      noise: {},
      places: [],
      placesLeftOut: false,
    },
    maxMismatch: 0.001,
    moves: [],
    ...more,
  };
}

export function fakeStrangler(
  name: string,
  features: readonly FeatureReport[],
  namespace = 'default',
): StranglerReport {
  return { namespace, name, rest: side, features };
}

// How Knative scales a Function, as annotations of its Revisions.
import type { Resource } from '../../../resources/resource.ts';

/**
 * The window over which it counts calls: with no call in it, it needs no instance. First the
 * shortest window that it takes, then its default.
 */
const [MIN_WINDOW_S, WINDOW_S] = [6, 60];
/** The longest that it keeps the last one beyond that. */
const MAX_RETENTION_S = 3600;

export function scalingOf({ spec }: Resource<'Function'>): Readonly<Record<string, string>> {
  const { replicas, min, max, target, idle } = spec.scale;
  const least = replicas ?? min;
  const idleS = Math.ceil(idle / 1000);
  const windowS = Math.min(Math.max(idleS, MIN_WINDOW_S), WINDOW_S);
  const retentionS = Math.min(Math.max(idleS - windowS, 0), MAX_RETENTION_S);
  return Object.fromEntries(
    Object.entries({
      'min-scale': String(least),
      'max-scale': String(replicas ?? max),
      metric: 'concurrency',
      ...(target === undefined
        ? { 'target-utilization-percentage': '70' }
        : { target: String(target), 'target-utilization-percentage': '100' }),
      window: `${windowS}s`,
      ...(least > 0 ? {} : { 'scale-to-zero-pod-retention-period': `${retentionS}s` }),
    }).map(([name, value]) => [`autoscaling.knative.dev/${name}`, value]),
  );
}

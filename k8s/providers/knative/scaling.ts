// How Knative scales a Function, as annotations of its Revisions.
import type { Resource } from '../../../resources/resource.ts';

/** The longest that Knative takes. */
const MAX_IDLE_MS = 3_600_000;

export function scalingOf({ spec }: Resource<'Function'>): Readonly<Record<string, string>> {
  const { replicas, min, max, target, idle } = spec.scale;
  const least = replicas ?? min;
  return Object.fromEntries(
    Object.entries({
      'min-scale': String(least),
      'max-scale': String(replicas ?? max),
      metric: 'concurrency',
      ...(target === undefined
        ? { 'target-utilization-percentage': '70' }
        : { target: String(target), 'target-utilization-percentage': '100' }),
      ...(least > 0
        ? {}
        : { 'scale-to-zero-pod-retention-period': `${Math.ceil(Math.min(idle, MAX_IDLE_MS) / 1000)}s` }),
    }).map(([name, value]) => [`autoscaling.knative.dev/${name}`, value]),
  );
}

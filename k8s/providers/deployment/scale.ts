// How many instances a Function is to have as a Deployment.
import type { Resource } from '../../../resources/resource.ts';

export type Scale =
  | { readonly fixed: number }
  /** A HorizontalPodAutoscaler sets it. */
  | { readonly min: number; readonly max: number };

/** While it is awake: one that sleeps has none, and is woken by the next call. */
export function scaleOf({ spec }: Resource<'Function'>): Scale {
  const { replicas, min, max } = spec.scale;
  if (replicas !== undefined) return { fixed: replicas };
  const least = Math.max(1, min);
  return max <= least ? { fixed: least } : { min: least, max };
}

/** Instances that are always there. */
export function leastOf(scale: Scale): number {
  return 'fixed' in scale ? scale.fixed : scale.min;
}

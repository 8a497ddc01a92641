// Decides how many instances a function should have now.

export interface Load {
  readonly inFlight: number;
  readonly waiting: number;
}

export interface ScaleBounds {
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
}

/** Enough for every request in flight or waiting to have a place, within the function's bounds. */
export function wantedInstances(load: Load, bounds: ScaleBounds): number {
  const needed = Math.ceil((load.inFlight + load.waiting) / Math.max(1, bounds.concurrency));
  return Math.max(bounds.minInstances, Math.min(bounds.maxInstances, needed));
}

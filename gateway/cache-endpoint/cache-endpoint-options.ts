// The dependencies of the cache endpoint.
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { Intake } from '../exchange/intake.ts';

export interface CacheEndpointOptions {
  readonly world: World;
  readonly store: Keys;
  readonly intake: Intake;
  /** Requests that may wait at the same time for a value that others make. Default 2,000. */
  readonly maxWaiting?: number | undefined;
}

// The dependencies of the cache endpoint.
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';
import type { Intake } from '../exchange/intake.ts';

export interface CacheEndpointOptions {
  readonly world: World;
  readonly store: Keys;
  readonly intake: Intake;
}

// From what is configured to open drivers. Each is loaded only where it is used: the laptop needs none of them.
import type { World } from '../../core/world.ts';
import type { Store } from '../../drivers/store/store.ts';
import type { Config } from '../config/schema.ts';

type Redis = NonNullable<Config['store']['redis']>;

export async function openRedis(world: World, { prefix, ...connection }: Redis): Promise<Store> {
  const { keepRedisStore } = await import('../../drivers/store/redis/keep-open.ts');
  return keepRedisStore({ world, prefix, connection });
}

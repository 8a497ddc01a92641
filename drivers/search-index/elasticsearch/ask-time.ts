// The time of Elasticsearch, by which all processes decide which documents have expired.
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { ElasticsearchLink } from './link.ts';

/** Milliseconds since 1970, to the second; by our own clock where we are not let ask. */
export async function askTime(world: World, link: ElasticsearchLink): Promise<number> {
  try {
    const [health] = await link.ask(0, (client, options) =>
      client.cat.health({ format: 'json', h: ['epoch'] }, options),
    );
    const seconds = Number(health?.epoch);
    return seconds > 0 ? seconds * 1000 : world.now();
  } catch (error) {
    if (error instanceof TenfoldError && error.retryable) throw error;
    return world.now();
  }
}

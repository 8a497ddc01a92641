// Makes many things piece by piece, so that requests do not wait until all are made.
import { sleep, type World } from '../../core/world.ts';

/** So many things are made in one go. Ten thousand take a tenth of a second. */
const PIECE = 200;

export async function inPieces<T, R>(
  world: Pick<World, 'after'>,
  list: readonly T[],
  make: (one: T) => R,
): Promise<readonly R[]> {
  const made: R[] = [];
  for (let from = 0; from < list.length; from += PIECE) {
    if (from > 0) await sleep(world, 0);
    for (const one of list.slice(from, from + PIECE)) made.push(make(one));
  }
  return made;
}

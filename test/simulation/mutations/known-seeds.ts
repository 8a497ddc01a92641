// Which seed found each change when all were last searched for from the first seed on.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('known-seeds.json', import.meta.url);

/** By the name of the change. */
export function knownSeeds(): Map<string, number> {
  return new Map(Object.entries(JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, number>));
}

/** Keeps what is known of other changes. */
export function recordSeeds(found: ReadonlyMap<string, number>): void {
  const all = [...knownSeeds(), ...found].sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}

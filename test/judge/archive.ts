// What the judge says of an archive when all has come to its end: each event is in exactly one
// file, and the archive knows each file.
import { compareCounts } from './counts.ts';

export interface Archived {
  readonly id: string;
  /** Where it was in its topic, for people. */
  readonly offset?: number;
}

export interface SeenArchive {
  /** What is in each file, by its name. */
  readonly files: ReadonlyMap<string, readonly Archived[]>;
  /** Names of the files that the archive knows; left out where nobody can say. */
  readonly noted?: ReadonlySet<string>;
  /**
   * Ids of the events that were to be archived: one that is there more than once was
   * published more than once.
   */
  readonly expected: Iterable<string>;
  /** Others that may be there, once: their publisher does not know whether they were taken. */
  readonly mayHave?: (id: string) => boolean;
  /** Files that the archive does not know may be left over. */
  readonly orphans?: boolean;
}

export function judgeArchive({ files, noted, expected, mayHave, orphans = false }: SeenArchive): string[] {
  const known = [...files].filter(([name]) => noted?.has(name) ?? true);
  const unknown = orphans ? [] : [...files.keys()].filter(name => noted?.has(name) === false);
  const lost = [...(noted ?? [])].filter(name => !files.has(name));
  const places = new Map<string, string[]>();
  for (const [name, events] of known)
    for (const { id, offset } of events) {
      const place = offset === undefined ? `in ${name}` : `at ${offset} in ${name}`;
      places.set(id, [...(places.get(id) ?? []), place]);
    }
  const found = [...places].flatMap(([id, those]) => those.map(() => id));
  const asked = [...expected];
  const isAsked = new Set(asked);
  const besides = [...places.keys()].filter(id => !isAsked.has(id) && mayHave?.(id) === true);
  return [
    ...lost.map(name => `${name} is noted and not there`),
    ...unknown.map(name => `${name} is there and not noted`),
    ...compareCounts('the archive', found, [...asked, ...besides], id => (places.get(id) ?? []).join(', ')),
  ];
}

// The resources that a `to` leads to, as they are written there: one, or each of a list.
import { valueAt } from '../load/path.ts';
import type { Path } from '../resource.ts';
import type { Declared } from './declared.ts';
import { soundAt } from './sound.ts';

export interface NamedTarget {
  readonly name: string;
  /** The path at which the name is written. */
  readonly path: Path;
}

/** Targets of one kind, such as `topic`, whose names are certain. */
export function targetsAt(resource: Declared, to: Path, kind: string): NamedTarget[] {
  const written = valueAt(resource.manifest, to);
  const places = Array.isArray(written) ? written.map((_, index) => [...to, index]) : [to];
  return places.flatMap(place => {
    const path = [...place, kind];
    const name = soundAt(resource, path);
    return typeof name === 'string' ? [{ name, path }] : [];
  });
}

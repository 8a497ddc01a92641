// Draws applications that are odd in one or two places: another type, a bound, an unknown variable,
// a name that is taken, a field of another resource.
import fc from 'fast-check';
import { ODD_TEXTS, ODD_VALUES } from './odd-values.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are changed in ways that their types forbid
export type Json = any;
type Path = readonly (string | number)[];

export interface OddApplication {
  /** What was changed, for messages. */
  readonly changes: readonly string[];
  /** The documents that were changed, or came to it. */
  readonly odd: readonly Json[];
}

const WAYS = ['put', 'put', 'put', 'like', 'like', 'like', 'remove', 'rename', 'repeat', 'copy'] as const;
/**
 * Of so many changes the first is taken that leaves the document sound by itself: most are refused
 * at a glance, which is tried often enough.
 */
const TRIES = 12;

/** Of documents that are sound together. `isSound`: whether one of them is right by itself. */
export function oddApplications(
  documents: readonly Json[],
  isSound: (document: Json) => boolean,
): fc.Arbitrary<OddApplication> {
  const places = documents.flatMap((document, index) => placesIn(document).map(path => ({ index, path })));
  const held = places.map(({ index, path }) => at(documents[index], path));
  const change = fc.record({
    place: fc.nat(places.length - 1),
    sound: fc.nat(4).map(n => n > 0),
    tries: fc.array(fc.record({ how: fc.constantFrom(...WAYS), n: fc.nat(1e6) }), {
      minLength: TRIES,
      maxLength: TRIES,
    }),
  });
  return fc.array(change, { minLength: 1, maxLength: 2 }).map(picked => {
    const odd = new Map<number, Json>();
    const more: Json[] = [];
    const changes = picked.map(({ place, sound, tries }) => {
      const { index, path } = places[place] ?? { index: 0, path: [] };
      const before = odd.get(index) ?? structuredClone(documents[index]);
      const changed = tries.map(({ how, n }) => changedBy(before, path, how, n, held));
      const taken = (sound ? changed.find(({ document }) => isSound(document)) : undefined) ?? changed[0];
      if (taken?.copy) more.push(taken.document);
      odd.set(index, taken?.copy ? before : (taken?.document ?? before));
      return `${before.kind} ${before.metadata?.name} ${path.join('.')}: ${taken?.says}`;
    });
    return { changes, odd: [...odd.values(), ...more] };
  });
}

interface Changed {
  readonly document: Json;
  readonly says: string;
  /** Stands beside the document that it was made from. */
  readonly copy?: boolean;
}

function changedBy(before: Json, path: Path, how: (typeof WAYS)[number], n: number, held: readonly Json[]): Changed {
  const document = structuredClone(before);
  if (how === 'copy') {
    if (n % 2 === 0) document.metadata = { name: 'another' };
    return { document, says: `there twice, the second as ${JSON.stringify(document.metadata)}`, copy: true };
  }
  const parent = at(document, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  // An earlier change may have taken the place away.
  if (typeof parent !== 'object' || parent === null) return { document, says: 'left as it is' };
  if (how === 'repeat' && Array.isArray(parent)) {
    parent.push(structuredClone(parent[Number(key)]));
    return { document, says: 'there twice' };
  }
  if (how === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return { document, says: 'removed' };
  }
  if (how === 'rename' && !Array.isArray(parent) && Object.hasOwn(parent, key)) {
    const name = ODD_TEXTS[n % ODD_TEXTS.length] ?? '';
    const value = parent[key];
    delete parent[key];
    Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
    return { document, says: `called ${JSON.stringify(name)}` };
  }
  const value = structuredClone(how === 'like' ? alike(held, parent[key], n) : oddValue(n));
  parent[key] = value;
  return { document, says: JSON.stringify(value) ?? 'nothing' };
}

function oddValue(n: number): unknown {
  const all = [...ODD_TEXTS, ...ODD_VALUES];
  return all[n % all.length];
}

/** What stands at another place, of the same type. */
function alike(held: readonly Json[], value: Json, n: number): Json {
  const same = held.filter(one => typeof one === typeof value && Array.isArray(one) === Array.isArray(value));
  return same[n % same.length];
}

function placesIn(document: Json): Path[] {
  return [['metadata', 'name'], ...below(document.spec, ['spec'])];
}

function below(value: Json, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const next = [...path, Array.isArray(value) ? Number(name) : name];
    return [next, ...below(member, next)];
  });
}

function at(root: Json, path: Path): Json {
  return path.reduce((value, key) => value?.[key], root);
}

// Whether two schemas have no value in common: by types, by values, or by a field that tells
// alternatives apart.
import { isOneOf, type Known, known, memberSchemas } from './known.ts';
import { conjunctsOf, listAt, type SchemaPlace } from './place.ts';

/** Alternatives are told apart near the surface. */
const MAX_DEPTH = 4;

export function isDisjoint(one: readonly SchemaPlace[], other: readonly SchemaPlace[], depth = 0): boolean {
  const [a, b] = [known(conjunctsOf(one).places), known(conjunctsOf(other).places)];
  if (!isOneOf(a, b.types)) return true;
  if (a.values && b.values && ![...a.values.keys()].some(text => b.values?.has(text))) return true;
  if (depth === MAX_DEPTH) return false;
  return byField(a, b, depth) || byAlternatives(a, other, depth) || byAlternatives(b, one, depth);
}

/** All that is in both is an object with a field that would have to match both. */
function byField(a: Known, b: Known, depth: number): boolean {
  if ([...a.types].some(type => type !== 'object' && b.types.has(type))) return false;
  return [...a.required, ...b.required].some(name =>
    isDisjoint(memberSchemas(a.places, name).places, memberSchemas(b.places, name).places, depth + 1),
  );
}

function byAlternatives({ places }: Known, other: readonly SchemaPlace[], depth: number): boolean {
  return places
    .flatMap(place => [listAt(place, 'anyOf'), listAt(place, 'oneOf')])
    .some(branches => branches.length > 0 && branches.every(branch => isDisjoint([branch], other, depth + 1)));
}

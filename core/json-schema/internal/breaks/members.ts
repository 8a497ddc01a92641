// Compares what schemas say of the members of objects.
import { cannotTell, type Mismatch, memberField, mismatch, type Question } from './comparison.ts';
import { fits, isEmpty, isMemberOf, known, memberSchemas, requiredIn } from './known.ts';
import { below, namesAt, type SchemaPlace } from './place.ts';

export function compareRequired(question: Question): readonly Mismatch[] {
  const { narrow, wide, field } = question;
  return requiredIn(wide)
    .filter(name => !narrow.required.has(name))
    .map(name =>
      mismatch({ ...question, field: memberField(field, name) }, 'required', 'requires the field', 'may lack it'),
    );
}

export function compareProperties({ narrow, wide, field, compare }: Question): readonly Mismatch[] {
  return namesAt(wide, 'properties').flatMap(name => {
    const member = below(wide, 'properties', name);
    const inside = memberField(field, name);
    const { places, declared } = memberSchemas(narrow.places, name);
    const found = compare(places, member, inside);
    if (declared || narrow.required.has(name) || found.length === 0) return found;
    const here = { narrow, wide: member, field: inside };
    return [
      mismatch(
        here,
        '',
        'says what the field holds',
        'may hold anything under a name that their schema leaves open',
        'possible',
      ),
    ];
  });
}

/** Compares the members that `properties` and `patternProperties` do not name. */
export function compareAdditional(question: Question): readonly Mismatch[] {
  const { narrow, wide, field, compare } = question;
  const others = below(wide, 'additionalProperties');
  if (compare([], others, field).length === 0) return [];
  const isClosed = isEmpty(known([others]));
  const named = new Set(narrow.places.flatMap(place => namesAt(place, 'properties')));
  const found = [...named]
    .filter(name => !isMemberOf(wide, name))
    .flatMap(name => {
      const { places } = memberSchemas(narrow.places, name);
      const inside = memberField(field, name);
      if (!isClosed) return compare(places, others, inside);
      if (isEmpty(known(places))) return [];
      return [mismatch({ ...question, field: inside }, 'additionalProperties', 'takes no such field', 'may hold it')];
    });
  const patterns = new Set(namesAt(wide, 'patternProperties'));
  if (leftOver(narrow.places, patterns, place => compare(place, others, memberField(field, '*')))) return found;
  const demands = isClosed ? 'takes no other fields here' : 'says what other fields hold here';
  return [...found, mismatch(question, 'additionalProperties', demands, 'may hold any')];
}

/** Every member whose name fits the pattern. */
export function comparePatternProperties(question: Question): readonly Mismatch[] {
  const { narrow, wide, field, compare } = question;
  return namesAt(wide, 'patternProperties').flatMap(pattern => {
    const member = below(wide, 'patternProperties', pattern);
    const named = new Set(narrow.places.flatMap(place => namesAt(place, 'properties')));
    const found = [...named]
      .filter(name => fits(pattern, name))
      .flatMap(name => compare(memberSchemas(narrow.places, name).places, member, memberField(field, name)));
    const same = narrow.places.some(
      place =>
        namesAt(place, 'patternProperties').includes(pattern) &&
        compare([below(place, 'patternProperties', pattern)], member, field).length === 0,
    );
    if (same || leftOver(narrow.places, new Set(), place => compare(place, member, field))) return found;
    return [
      ...found,
      mismatch(question, 'patternProperties', `says what fields like ${pattern} hold`, 'may hold anything there'),
    ];
  });
}

/**
 * Whether one of the schemas keeps all members that none of them names to what fits, by patterns
 * and by `additionalProperties`. It may leave out patterns that the other schema has as well.
 */
function leftOver(
  places: readonly SchemaPlace[],
  patterns: ReadonlySet<string>,
  compare: (place: readonly SchemaPlace[]) => readonly Mismatch[],
): boolean {
  return places.some(place => {
    if (place.schema['additionalProperties'] === undefined) return false;
    const others = namesAt(place, 'patternProperties').filter(pattern => !patterns.has(pattern));
    return [
      below(place, 'additionalProperties'),
      ...others.map(pattern => below(place, 'patternProperties', pattern)),
    ].every(one => compare([one]).length === 0);
  });
}

export function compareNames(question: Question): readonly Mismatch[] {
  const { narrow, wide, compare, field } = question;
  const own = narrow.places.flatMap(place =>
    Object.hasOwn(place.schema, 'propertyNames') ? [below(place, 'propertyNames')] : [],
  );
  const found = compare([...own, TEXTS], below(wide, 'propertyNames'), field);
  return found.length === 0
    ? []
    : [mismatch(question, 'propertyNames', 'restricts the names of fields here', 'may have others', 'unknown')];
}

const TEXTS: SchemaPlace = {
  schema: Object.freeze({ type: 'string' }),
  document: { root: {}, follows: false, loops: false },
  pointer: '',
};

/** Fields that others ask for. */
export function compareDependent(question: Question): readonly Mismatch[] {
  const { narrow, wide } = question;
  const keyword = 'dependentRequired';
  const asked = (place: SchemaPlace, name: string) => {
    const map = place.schema[keyword];
    const list: unknown = typeof map === 'object' && map !== null ? Reflect.get(map, name) : undefined;
    return Array.isArray(list) ? list : [];
  };
  const isCovered = (name: string) => {
    const own = new Set<unknown>(narrow.places.flatMap(place => asked(place, name)));
    return asked(wide, name).every(other => own.has(other) || narrow.required.has(String(other)));
  };
  return namesAt(wide, keyword).every(isCovered) ? [] : [cannotTell(question, keyword)];
}

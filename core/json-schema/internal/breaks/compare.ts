// Compares two schemas: whether one accepts all that the other accepts. It finds what stands
// against that, also where it cannot tell; it never finds nothing where something may.
import { canonical } from '../unique-items.ts';
import { cannotTell, type Mismatch, mismatch, type Question } from './comparison.ts';
import { isDisjoint } from './disjoint.ts';
import { compareKeyword } from './keywords.ts';
import { type DataType, isEmpty, known } from './known.ts';
import { conjunctsOf, createWithout, isSame, isSameAt, listAt, type SchemaPlace, WITHOUT_EFFECT } from './place.ts';

/** Pairs of subschemas that one comparison looks at. Two of the same shape need one for each. */
const MAX_PAIRS = 20_000;
const TOO_LARGE: Mismatch = {
  field: '',
  certainty: 'unknown',
  wide: '',
  narrow: '',
  demands: 'is too large to be compared as a whole',
  lacks: 'may not match it',
};
const LEADING: ReadonlySet<string> = new Set([...WITHOUT_EFFECT, '$ref', 'allOf']);
const ALTERNATIVES = ['anyOf', 'oneOf'] as const;
type Alternatives = (typeof ALTERNATIVES)[number];

export class Comparer {
  readonly #numbers = new WeakMap<object, number>();
  /** The pairs that are being compared, with the field at which each was met. */
  readonly #open = new Map<string, string>();
  readonly #without = createWithout();
  /** Pairs in which nothing was found, in the order of that, as long as it holds. */
  readonly #right = new Set<string>();
  readonly #wrong = new Map<string, readonly Mismatch[]>();
  #pairs = 0;
  #last = 0;

  compare(from: readonly SchemaPlace[], wide: SchemaPlace, field: string): readonly Mismatch[] {
    const narrow = known(conjunctsOf(from).places);
    const question: Question = { narrow, wide, field, compare: (...pair) => this.compare(...pair) };
    if (wide.document.loops) return [cannotTell(question, '$ref')];
    if (isEmpty(narrow) || narrow.places.some(place => isSame(place, wide))) return [];
    const key = `${this.#keyOf(narrow.places)} ${this.#keyOf(conjunctsOf([wide]).places)}`;
    // A schema that comes back to itself inside its data is as right as it was above. One that
    // comes back to itself in place says nothing.
    const before = this.#open.get(key);
    if (before !== undefined) return before === field ? [cannotTell(question, '$ref')] : [];
    if (this.#right.has(key)) return [];
    const wrong = this.#wrong.get(key);
    if (wrong) return wrong;
    if (++this.#pairs > MAX_PAIRS) return [TOO_LARGE];
    const right = this.#right.size;
    this.#open.set(key, field);
    const found = this.#compareWhole(question);
    this.#open.delete(key);
    if (found.length === 0) {
      this.#right.add(key);
    } else {
      // Pairs that were right inside it may have relied on it.
      for (const later of [...this.#right].slice(right)) this.#right.delete(later);
      this.#wrong.set(key, found);
    }
    return found;
  }

  #compareWhole(question: Question): readonly Mismatch[] {
    const found = this.#compareAll(question);
    const cases = found.length === 0 ? undefined : this.#casesOf(question.narrow.places);
    return cases ? unique(cases.flatMap(one => this.compare(one, question.wide, question.field))) : found;
  }

  #compareAll(question: Question): Mismatch[] {
    const { narrow } = question;
    const { places, lost } = conjunctsOf([question.wide]);
    const found = places
      .filter(wide => !narrow.places.some(place => isSame(place, wide)))
      .flatMap(wide =>
        Object.keys(wide.schema)
          .filter(keyword => !WITHOUT_EFFECT.has(keyword))
          .flatMap(keyword =>
            keyword === 'anyOf' || keyword === 'oneOf'
              ? this.#compareAlternatives({ ...question, wide }, keyword)
              : compareKeyword({ ...question, wide }, keyword),
          ),
      );
    return unique([...lost.map(wide => cannotTell({ ...question, wide }, '$ref')), ...found]);
  }

  #compareAlternatives(question: Question, keyword: Alternatives): readonly Mismatch[] {
    const { narrow, wide, field } = question;
    if (narrow.places.some(place => Object.hasOwn(place.schema, keyword) && isSameAt(place, wide, keyword))) return [];
    // Each case of the data is compared by itself then: it is told from the others at once.
    if (this.#casesOf(narrow.places)) return [cannotTell(question, keyword)];
    const branches = listAt(wide, keyword);
    const near = branches.length === 1 ? branches : branches.filter(one => !isDisjoint(narrow.places, [one]));
    const tried = near.map(branch => {
      const found = this.compare(narrow.places, branch, field);
      return keyword === 'anyOf' || near.length === 1 ? found : [...found, cannotTell(question, keyword)];
    });
    const fitting = tried.find(found => found.length === 0) ?? tried.find(isPossible);
    if (fitting) return fitting;
    const kinds = kindsOf(narrow.types);
    if (kinds.length > 1) {
      const byType = kinds.map(type => known([...narrow.places, ONLY[type]]));
      return unique(byType.flatMap(one => this.#compareAlternatives({ ...question, narrow: one }, keyword)));
    }
    if (near.length === 1 && tried[0]) return tried[0];
    const demands = `has alternatives (${keyword}) here, of which none is seen to take all`;
    return [mismatch(question, keyword, demands, 'may match none', near.length === 0 ? 'broken' : 'unknown')];
  }

  /** Data that has alternatives matches one of them: each is a case of its own. */
  #casesOf(places: readonly SchemaPlace[]): SchemaPlace[][] | undefined {
    for (const [index, place] of places.entries()) {
      const keyword = ALTERNATIVES.find(one => listAt(place, one).length > 0);
      if (keyword === undefined) continue;
      const others = places.toSpliced(index, 1).map(one => this.#without(one, 'allOf', '$ref'));
      const rest = this.#without(place, 'allOf', '$ref', keyword);
      return listAt(place, keyword).map(branch => [branch, rest, ...others]);
    }
    return undefined;
  }

  /** Schemas that only lead to others do not count. */
  #keyOf(places: readonly SchemaPlace[]): string {
    const saying = places.filter(({ schema }) => Object.keys(schema).some(keyword => !LEADING.has(keyword)));
    return saying
      .map(({ schema }) => this.#numberOf(schema))
      .sort((a, b) => a - b)
      .join();
  }

  #numberOf(schema: object): number {
    const number = this.#numbers.get(schema) ?? ++this.#last;
    this.#numbers.set(schema, number);
    return number;
  }
}

/** Whether nothing stands against it but fields without a schema. */
function isPossible(found: readonly Mismatch[]): boolean {
  return found.every(({ certainty }) => certainty === 'possible');
}

function unique(found: readonly Mismatch[]): Mismatch[] {
  return [...new Map(found.map(one => [canonical(one), one])).values()];
}

/** Numbers stay together unless all are whole. */
function kindsOf(types: ReadonlySet<DataType>): DataType[] {
  return [...types].filter(type => type !== 'integer' || !types.has('fraction'));
}

const only = (type: string): SchemaPlace => ({
  schema: Object.freeze({ type }),
  document: { root: {}, follows: false, loops: false },
  pointer: '',
});

const ONLY: Readonly<Record<DataType, SchemaPlace>> = {
  null: only('null'),
  boolean: only('boolean'),
  object: only('object'),
  array: only('array'),
  string: only('string'),
  integer: only('integer'),
  fraction: only('number'),
};

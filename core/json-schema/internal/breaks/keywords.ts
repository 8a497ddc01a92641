// The comparison that each keyword of a schema needs, and the types of data that it is for.
import { cannotTell, type Mismatch, type Question } from './comparison.ts';
import { isDisjoint } from './disjoint.ts';
import { compareItems, compareUnique } from './items.ts';
import type { DataType } from './known.ts';
import {
  compareAdditional,
  compareDependent,
  compareNames,
  comparePatternProperties,
  compareProperties,
  compareRequired,
} from './members.ts';
import { below, isSameAt } from './place.ts';
import {
  compareBound,
  compareFormat,
  compareMultiple,
  comparePattern,
  compareTypes,
  compareValues,
  isBound,
} from './scalars.ts';

type CompareKeyword = (question: Question) => readonly Mismatch[];

const ANY: Readonly<Record<string, CompareKeyword>> = {
  type: compareTypes,
  enum: question => compareValues(question, 'enum'),
  const: question => compareValues(question, 'const'),
  pattern: comparePattern,
  format: compareFormat,
  multipleOf: compareMultiple,
  if: question => sameIn(question, 'if', ['if', 'then', 'else']),
  not: question =>
    isDisjoint(question.narrow.places, [below(question.wide, 'not')]) ? [] : sameIn(question, 'not', ['not']),
};

const OBJECTS: Readonly<Record<string, CompareKeyword>> = {
  required: compareRequired,
  properties: compareProperties,
  additionalProperties: compareAdditional,
  patternProperties: comparePatternProperties,
  propertyNames: compareNames,
  dependentRequired: compareDependent,
  dependentSchemas: question => sameIn(question, 'dependentSchemas', ['dependentSchemas']),
  dependencies: question => sameIn(question, 'dependencies', ['dependencies']),
  unevaluatedProperties: question => openOnly(question, 'unevaluatedProperties'),
};

const LISTS: Readonly<Record<string, CompareKeyword>> = {
  items: compareItems,
  prefixItems: compareItems,
  uniqueItems: compareUnique,
  contains: question => sameIn(question, 'contains', ['contains', 'minContains', 'maxContains']),
  unevaluatedItems: question => openOnly(question, 'unevaluatedItems'),
};

/** Keywords that count with another one, or that `conjunctsOf` followed before. */
const WITH_ANOTHER = new Set([
  'allOf',
  '$ref',
  'then',
  'else',
  'minContains',
  'maxContains',
  'additionalItems',
  'nullable',
]);

export function compareKeyword(question: Question, keyword: string): readonly Mismatch[] {
  if (WITH_ANOTHER.has(keyword)) return [];
  const any = memberOf(ANY, keyword);
  if (any) return any(question);
  const structure = structureOf(keyword);
  if (structure) {
    const [type, compare] = structure;
    if (!question.narrow.types.has(type)) return [];
    // Objects and lists that are values of their own are compared with other such values alone.
    return question.narrow.values ? [cannotTell(question, keyword)] : compare(question);
  }
  return isBound(keyword) ? compareBound(question, keyword) : [cannotTell(question, keyword)];
}

function structureOf(keyword: string): [DataType, CompareKeyword] | undefined {
  const object = memberOf(OBJECTS, keyword);
  if (object) return ['object', object];
  const list = memberOf(LISTS, keyword);
  return list && ['array', list];
}

function memberOf(table: Readonly<Record<string, CompareKeyword>>, keyword: string): CompareKeyword | undefined {
  return Object.hasOwn(table, keyword) ? table[keyword] : undefined;
}

/** Keywords that are compared for equality alone; they count together. */
function sameIn(question: Question, keyword: string, together: readonly string[]): readonly Mismatch[] {
  const { narrow, wide } = question;
  const isThere = narrow.places.some(
    place => Object.hasOwn(place.schema, keyword) && together.every(one => isSameAt(place, wide, one)),
  );
  return isThere ? [] : [cannotTell(question, keyword)];
}

/** It depends on all that stands beside it, so the whole schema was compared before. */
function openOnly(question: Question, keyword: string): readonly Mismatch[] {
  const open = question.compare([], below(question.wide, keyword), question.field).length === 0;
  return open ? [] : [cannotTell(question, keyword)];
}

// The fields of a document in its index: texts as words in columns, values as they are compared.
import { parseTimestamp } from '../../../core/world.ts';
import { wordsOf } from './analyze.ts';
import type { IndexPlan, TextField, ValueField } from './plan.ts';

export interface Indexed {
  /** One text per full-text column, in the plan's order. */
  readonly columns: readonly string[];
  /** One value per value column, in the plan's order. */
  readonly values: readonly (string | number | null)[];
  readonly tags: readonly { readonly field: number; readonly value: string }[];
  /** Different words by the number of their field. */
  readonly words: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Says which field of a document does not fit. */
export class Unfit extends Error {}

const MAX_KEYWORD = 8192;
const MAX_TAGS = 1000;

export function indexDocument(plan: IndexPlan, document: unknown): Indexed {
  const columns: string[] = [];
  const words = new Map<number, Set<string>>();
  for (const field of plan.texts) {
    const found = textsAt(field, document).flatMap(text => [...wordsOf(text)].map(({ word }) => word));
    words.set(field.number, new Set(found));
    columns.push(found.join(' '));
    if (field.stem) columns.push(found.map(field.stem).join(' '));
    if (field.hear) columns.push(found.flatMap(field.hear).join(' '));
  }
  const values: (string | number | null)[] = [];
  const tags: { field: number; value: string }[] = [];
  for (const field of plan.values) {
    const value = valueAt(document, field.path);
    if (field.type !== 'keyword') {
      values.push(...compared(field, value));
      continue;
    }
    const list = keywordsOf(field, value);
    values.push(list[0] ?? null);
    for (const one of new Set(list)) tags.push({ field: field.number, value: one });
  }
  return { columns, values, tags, words };
}

export function textsAt({ name, path }: TextField, document: unknown): string[] {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map(item => {
    if (typeof item !== 'string') throw new Unfit(`'${name}' must be a text or a list of texts`);
    return item;
  });
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined;
  }
  return value;
}

function keywordsOf({ name }: ValueField, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_TAGS) throw new Unfit(`'${name}' has more than ${MAX_TAGS} values`);
  return list.map(item => {
    const text = typeof item === 'number' || typeof item === 'boolean' ? String(item) : item;
    if (typeof text !== 'string') throw new Unfit(`'${name}' must be a text or a list of texts`);
    if (text.length > MAX_KEYWORD) throw new Unfit(`'${name}' is longer than ${MAX_KEYWORD} characters`);
    return text.toWellFormed();
  });
}

function compared(field: ValueField, value: unknown): (number | null)[] {
  if (value === undefined || value === null) return field.columns.map(() => null);
  if (field.type === 'geo') {
    const [lat, lon] = [valueAt(value, ['lat']), valueAt(value, ['lon'])];
    if (typeof lat !== 'number' || typeof lon !== 'number' || !(Math.abs(lat) <= 90 && Math.abs(lon) <= 180))
      throw new Unfit(`'${field.name}' must be { lat, lon } in degrees`);
    return [lat, lon];
  }
  const number = toComparable(field.type, value);
  if (number === undefined) throw new Unfit(`'${field.name}' must be a ${field.type}`);
  return [number];
}

/** The number that a value of a number, date or boolean is compared by. */
export function toComparable(type: ValueField['type'], value: unknown): number | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? Number(value) : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return type === 'date' && typeof value === 'string' ? parseTimestamp(value) : undefined;
}

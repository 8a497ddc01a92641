// The indexes of the rows of a View: the values under which a row is found and sorted.
import { TenfoldError } from '../errors.ts';
import { indexNameOf } from './view-layout.ts';

/** A value that the stores sort by. */
type Value = null | boolean | number | string;
export type RowPlaces = Readonly<Record<string, readonly Value[]>>;

/** An index finds a row when all members of the index are there and can be compared. */
export function compileIndexes(written: readonly (string | readonly string[])[]): (json: unknown) => RowPlaces {
  const indexes = written.map(members => ({
    name: indexNameOf(members),
    paths: [members].flat().map(member => member.split('.')),
  }));
  return json => {
    const places: Record<string, readonly Value[]> = {};
    for (const { name, paths } of indexes) {
      const values = paths.map(path => valueAt(json, path));
      if (values.every(value => value !== undefined)) places[name] = values;
    }
    return places;
  };
}

function valueAt(json: unknown, path: readonly string[]): Value | undefined {
  let value = json;
  for (const member of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, member)) return undefined;
    value = Object(value)[member];
  }
  if (typeof value === 'bigint') throw tooLarge(path);
  return isValue(value) ? value : undefined;
}

/** Stores sort by doubles, and would find it under another number. */
function tooLarge(path: readonly string[]): TenfoldError {
  const message = `The index member "${path.join('.')}" is a whole number beyond ±2^53. Make it a text.`;
  return new TenfoldError('expression-failed', message);
}

function isValue(value: unknown): value is Value {
  return value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
}

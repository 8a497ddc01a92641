// Filters of a search as they are written in a query: `?filter=author:ada`, `likes:10..100`,
// `place:52.5,13.4,5km`, `!author:ada`.
import { suggest } from '../../core/suggest.ts';
import { parseTimestamp } from '../../core/world.ts';
import type { Filter, Scalar } from '../../drivers/search-index/query.ts';
import type { Resource } from '../../resources/resource.ts';
import { badQuery, plainText } from './query-params.ts';

export type Fields = NonNullable<Resource<'View'>['spec']['search']>['fields'];
type Field = Fields[string];

const MAX_FILTERS = 32;
const PLACE = /^(-?\d{1,2}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)$/;
const AROUND = /^(.+),(\d{1,9}(?:\.\d{1,3})?)(m|km)$/;
const NUMBER = /^-?\d{1,17}(\.\d{1,17})?([eE][-+]?\d{1,3})?$/;

/**
 * Filters of one field are alternatives; filters of different fields, and those with `!`, must all
 * hold.
 */
export function readFilters(texts: readonly string[], fields: Fields): Filter | undefined {
  if (texts.length === 0) return undefined;
  if (texts.length > MAX_FILTERS) throw badQuery(`There are more than ${MAX_FILTERS} filters.`);
  const wanted = new Map<string, Filter[]>();
  const all: Filter[] = [];
  for (const text of texts) {
    const isNot = text.startsWith('!');
    const written = isNot ? text.slice(1) : text;
    const colon = written.indexOf(':');
    if (colon === -1) throw badQuery(`A filter is written field:value; ${JSON.stringify(text)} is not.`);
    const name = written.slice(0, colon);
    const filter = readFilter(name, searchFieldOf(name, fields), written.slice(colon + 1));
    if (isNot) all.push({ not: filter });
    else wanted.set(name, [...(wanted.get(name) ?? []), filter]);
  }
  for (const any of wanted.values()) all.push(any.length === 1 ? { all: any } : { any });
  return { all };
}

function readFilter(field: string, { type }: Field, text: string): Filter {
  if (text === '*' && type !== 'text') return { field, exists: true };
  switch (type) {
    case 'text':
      throw badQuery(`"${field}" is text, which is searched and not filtered by.`);
    case 'keyword':
      return readKeyword(field, text);
    case 'boolean':
      if (text === 'true' || text === 'false') return { field, in: [text === 'true'] };
      throw badQuery(`"${field}" is true or false.`);
    case 'geo': {
      const [, place, distance, unit] = AROUND.exec(text) ?? [];
      if (place === undefined)
        throw badQuery(`"${field}" is filtered by latitude,longitude,distance, such as 52.5,13.4,5km.`);
      const meters = Number(distance) * (unit === 'km' ? 1000 : 1);
      if (meters <= 0) throw badQuery(`The distance from "${field}" must be above 0.`);
      return { field, near: readPlace(place), meters };
    }
    case 'number':
    case 'date':
      return readRange(field, type, text);
  }
}

/** `ada`, `ad*` for its beginning, and `"ad*"` for a literal text. */
function readKeyword(field: string, text: string): Filter {
  if (text === '') throw badQuery(`The filter of "${field}" is empty.`);
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) return { field, in: [text.slice(1, -1)] };
  return text.endsWith('*') ? { field, startsWith: text.slice(0, -1) } : { field, in: [plainText(field, text)] };
}

/** `17`, `10..`, `..20`, `10..20`, both ends included. */
function readRange(field: string, type: 'number' | 'date', text: string): Filter {
  const value = (part: string): Scalar => {
    const read = type === 'date' && !NUMBER.test(part) ? part : Number(part);
    if (NUMBER.test(part) || (type === 'date' && parseTimestamp(part) !== undefined)) return read;
    const example = type === 'date' ? '2026-01-31T00:00:00Z' : '17';
    throw badQuery(`"${field}" is filtered by a ${type} such as ${example}, or by a range such as ${example}...`);
  };
  const middle = text.indexOf('..');
  if (middle === -1) return { field, in: [value(text)] };
  const [from, to] = [text.slice(0, middle), text.slice(middle + 2)];
  if (from === '' && to === '') throw badQuery(`The range of "${field}" has no end at all.`);
  if (from !== '' && to !== '' && placeOf(value(from)) > placeOf(value(to)))
    throw badQuery(`The range of "${field}" begins behind its end.`);
  return { field, from: from === '' ? undefined : value(from), to: to === '' ? undefined : value(to) };
}

function placeOf(value: Scalar): number {
  return typeof value === 'number' ? value : (parseTimestamp(String(value)) ?? Number.NaN);
}

export function readPlace(text: string): { lat: number; lon: number } {
  const [, latitude, longitude] = PLACE.exec(text) ?? [];
  const [lat, lon] = [Number(latitude), Number(longitude)];
  if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) return { lat, lon };
  throw badQuery('A place is written latitude,longitude in degrees, such as 52.52,13.40.');
}

export function searchFieldOf(name: string, fields: Fields): Field {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field) return field;
  const near = suggest(name, Object.keys(fields));
  const hint = near === undefined ? `It has ${Object.keys(fields).join(', ')}.` : `Did you mean "${near}"?`;
  throw badQuery(`The View has no field "${name.slice(0, 64)}". ${hint}`);
}

export function namesOf(fields: Fields, type: Field['type']): string[] {
  return Object.keys(fields).filter(name => fields[name]?.type === type);
}

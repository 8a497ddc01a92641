// Filters and orders as SQL over the table of documents; every value is a parameter.
import { invalidSearch } from '../invalid.ts';
import type { Filter, Sort } from '../query.ts';
import { comparable, valueField } from '../text/fields.ts';
import type { ValueField } from '../text/plan.ts';
import type { SqliteIndex } from './catalog.ts';

export interface Sql {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

const MAX_PARTS = 256;
const EARTH_METERS = 6_371_008.8;
const METERS_PER_DEGREE = 111_195;

export function toCondition(index: SqliteIndex, filter: Filter): Sql {
  let parts = 0;
  const convert = (filter: Filter): Sql => {
    if (++parts > MAX_PARTS) throw invalidSearch(`The filter has more than ${MAX_PARTS} parts.`);
    if ('all' in filter) return joined(filter.all.map(convert), ' AND ', '1');
    if ('any' in filter) return joined(filter.any.map(convert), ' OR ', '0');
    if ('not' in filter) {
      const { text, parameters } = convert(filter.not);
      return { text: `NOT coalesce(${text}, 0)`, parameters };
    }
    return onField(index, valueField(index.plan, filter.field), filter);
  };
  return convert(filter);
}

function onField(
  { tables }: SqliteIndex,
  field: ValueField,
  filter: Exclude<Filter, { all: unknown } | { any: unknown } | { not: unknown }>,
): Sql {
  const column = `d.${field.columns[0]}`;
  const tagged = (condition: string, parameters: readonly string[]): Sql => ({
    text: `d.id IN (SELECT doc FROM ${tables.tags} WHERE field = ${field.number} AND ${condition})`,
    parameters,
  });
  if ('exists' in filter) return { text: `${column} IS ${filter.exists ? 'NOT NULL' : 'NULL'}`, parameters: [] };
  if ('near' in filter) {
    if (field.type !== 'geo') throw invalidSearch(`'${field.name}' is no place; near is only for fields of type geo.`);
    return near(field, filter.near, filter.meters);
  }
  if (field.type === 'geo') throw invalidSearch(`'${field.name}' is a place; it is filtered by near.`);
  if ('startsWith' in filter) {
    if (field.type !== 'keyword') throw invalidSearch(`'${field.name}' is no keyword; startsWith is only for those.`);
    return tagged('value >= ? AND value < ?', [filter.startsWith, `${filter.startsWith}\u{10FFFF}`]);
  }
  const marks = 'in' in filter ? filter.in.map(() => '?').join(', ') : '';
  if (field.type === 'keyword') {
    if ('in' in filter) return tagged(`value IN (${marks})`, filter.in.map(String));
    const bounds = [
      ...(filter.from === undefined ? [] : [['>=', filter.from] as const]),
      ...(filter.to === undefined ? [] : [['<=', filter.to] as const]),
    ];
    if (bounds.length === 0) return { text: `${column} IS NOT NULL`, parameters: [] };
    return tagged(
      bounds.map(([sign]) => `value ${sign} ?`).join(' AND '),
      bounds.map(([, value]) => String(value)),
    );
  }
  if ('in' in filter)
    return { text: `${column} IN (${marks})`, parameters: filter.in.map(value => comparable(field, value)) };
  const { from, to } = filter;
  const conditions = [
    `${column} IS NOT NULL`,
    ...(from === undefined ? [] : [`${column} >= ?`]),
    ...(to === undefined ? [] : [`${column} <= ?`]),
  ];
  const parameters = [from, to].filter(value => value !== undefined).map(value => comparable(field, value));
  return { text: `(${conditions.join(' AND ')})`, parameters };
}

/** A box that the index on the latitude finds, then the distance. */
function near(
  { columns: [lat, lon] }: ValueField,
  place: { readonly lat: number; readonly lon: number },
  meters: number,
): Sql {
  const margin = meters / METERS_PER_DEGREE + 0.01;
  return {
    text: `(d.${lat} BETWEEN ? AND ? AND tenfold_distance(d.${lat}, d.${lon}, ?, ?) <= ?)`,
    parameters: [place.lat - margin, place.lat + margin, place.lat, place.lon, meters],
  };
}

export function toOrderBy(index: SqliteIndex, sort: readonly Sort[]): Sql {
  const parts = sort.map((item): Sql => {
    const field = valueField(index.plan, item.field);
    const [first, second] = field.columns.map(column => `d.${column}`);
    if ('near' in item) {
      if (field.type !== 'geo')
        throw invalidSearch(`'${field.name}' is no place; near is only for fields of type geo.`);
      const { lat, lon } = item.near;
      return { text: `${first} IS NULL, tenfold_distance(${first}, ${second}, ?, ?)`, parameters: [lat, lon] };
    }
    if (field.type === 'geo') throw invalidSearch(`'${field.name}' is a place; it is sorted by near.`);
    return { text: `${first} IS NULL, ${first}${item.order === 'descending' ? ' DESC' : ''}`, parameters: [] };
  });
  return { text: parts.map(({ text }) => text).join(', '), parameters: parts.flatMap(({ parameters }) => parameters) };
}

/** Meters on a sphere; null where there is no place. */
export function geoDistance(lat: unknown, lon: unknown, toLat: unknown, toLon: unknown): number | null {
  if (typeof lat !== 'number' || typeof lon !== 'number' || typeof toLat !== 'number' || typeof toLon !== 'number')
    return null;
  const radians = Math.PI / 180;
  const a = Math.sin(((toLat - lat) * radians) / 2) ** 2;
  const b = Math.cos(lat * radians) * Math.cos(toLat * radians) * Math.sin(((toLon - lon) * radians) / 2) ** 2;
  return 2 * EARTH_METERS * Math.asin(Math.min(1, Math.sqrt(a + b)));
}

function joined(parts: readonly Sql[], by: string, none: string): Sql {
  if (parts.length === 0) return { text: none, parameters: [] };
  return {
    text: `(${parts.map(({ text }) => text).join(by)})`,
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}

// Stores an index in Elasticsearch: the document as it is, and beside it the words and values made
// of it here, under a name that stands for the settings.
import { createHash } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import { indexSettings } from '../settings.ts';
import { type IndexPlan, planOf, type ValueField } from '../text/plan.ts';

/** The format of everything below; indexes of another format are not understood. */
const FORMAT = 1;

export interface ElasticsearchIndex {
  /** In Elasticsearch. */
  readonly name: string;
  readonly plan: IndexPlan;
  /** The settings as JSON. */
  readonly settings: string;
  /**
   * The member of a stored document that holds all searched fields, named by the settings. A query
   * with old settings meets a missing field after the index was made anew, and fails instead of
   * finding nothing.
   */
  readonly root: string;
}

/** Member that holds the document, as it came. */
export const DOCUMENT = 'document';
/** Milliseconds since 1970 at which the document's time is over. */
export const EXPIRES = 'expires';
/**
 * Only there when the document was deleted: milliseconds since 1970 until which
 * late writes lose against it.
 */
export const GONE = 'gone';
/** Below the root: the id, for order. */
export const ID = 'id';

/**
 * Alias through which an index is written; with it Elasticsearch makes no index of a name
 * that is not there any more.
 */
export const writeAliasOf = (index: string): string => `${index}~`;

/** Below the root: words of a text field, for suggestions. */
export const vocabularyOf = (number: number): string => `t${number}`;
/** Below the root: the only column of a value, or the place. */
export const valuePath = (field: ValueField): string => `v${field.number}`;

export function openIndex(name: string, settings: string): ElasticsearchIndex {
  const checked = indexSettings.parse(JSON.parse(settings));
  return { name, plan: planOf(checked), settings, root: rootOf(settings) };
}

function rootOf(settings: string): string {
  return `x${createHash('sha256').update(`${FORMAT} ${settings}`).digest('hex').slice(0, 12)}`;
}

/** Settings of an index in its own mapping. */
export const metaOf = (settings: string): Record<string, unknown> => ({ tenfold: { format: FORMAT, settings } });

/** Undefined for an index that somebody else has made, or that has a format of another time. */
export function settingsOf(meta: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const ours = meta?.['tenfold'];
  if (typeof ours !== 'object' || ours === null) return undefined;
  const { format, settings } = { format: undefined, settings: undefined, ...ours };
  return format === FORMAT && typeof settings === 'string' ? settings : undefined;
}

export function mappingOf({ plan, settings, root }: ElasticsearchIndex): estypes.MappingTypeMapping {
  const properties: Record<string, estypes.MappingProperty> = { [ID]: { type: 'keyword' } };
  // Texts come as words that are separated by spaces: the server needs no analysis of its own.
  const words: estypes.MappingProperty = { type: 'text', analyzer: 'whitespace' };
  for (const { name } of plan.columns) properties[name] = words;
  for (const { number, settings } of plan.texts)
    if (settings.suggest) properties[vocabularyOf(number)] = { type: 'keyword' };
  for (const field of plan.values) properties[valuePath(field)] = propertyOf(field);
  return {
    dynamic: 'strict',
    _meta: metaOf(settings),
    properties: {
      [DOCUMENT]: { type: 'object', enabled: false },
      [EXPIRES]: { type: 'long' },
      [GONE]: { type: 'long' },
      [root]: { properties },
    },
  };
}

function propertyOf({ type }: ValueField): estypes.MappingProperty {
  if (type === 'geo') return { type: 'geo_point' };
  // Numbers, dates (milliseconds) and booleans (0, 1) are compared as numbers, as on the laptop.
  return type === 'keyword' ? { type: 'keyword' } : { type: 'double' };
}

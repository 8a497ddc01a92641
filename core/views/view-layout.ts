// Names under which a View is stored. Its writers and its readers must agree on them, whichever
// process they run in.
import { createHash } from 'node:crypto';
import { viewGroupOf } from '../names.ts';

export interface ViewLayout {
  /** Id of the generation: each build of a View has another. */
  readonly generation: string;
  /** The internal topic, by the keys of the state. */
  readonly topic: string;
  /** Who folds that. */
  readonly group: string;
  /** Topic of the mapped events, for a View whose events go through a function first. */
  readonly projected: string;
  /** The search index of a View that is searched. */
  readonly index: string;
  readonly partitions: number;
  /** Consumer group that reads one of its sources. */
  rekeyGroupOf(source: string): string;
  scopeOf(partition: number): string;
}

/**
 * For good: a key stays in its partition. So many workers can fold one view; a question by an
 * index asks so many scopes.
 */
export const VIEW_PARTITIONS = 8;
/** Owner of the positions in the scopes of a View. */
export const VIEW_CONSUMER = 'view';
/** The table that the rows are in. */
export const VIEW_ROWS = 'rows';

/** The ranking that the members are in. */
export const VIEW_RANKING = 'members';
/** The feed that the entries of all owners are in. */
export const VIEW_FEED = 'entries';
/**
 * For a View with feeds of followers: the entries of authors with very many followers, by author.
 * Readers add them when they read.
 */
export const VIEW_OUTBOX = 'outbox';
/** The table of authors who have such. */
export const VIEW_AUTHORS = 'authors';

/** `generation`: its id, 12 hexadecimal digits. */
export function viewLayoutOf(namespace: string, name: string, generation: string): ViewLayout {
  const group = `${viewGroupOf(namespace, name)}.${generation}`;
  return {
    generation,
    topic: group,
    group,
    projected: `${group}.made`,
    index: group,
    partitions: VIEW_PARTITIONS,
    rekeyGroupOf: source => `${group}.${hash(source)}`,
    scopeOf: partition => `view/${namespace}/${name}/${generation}/${partition}`,
  };
}

/** Name of an index over these members of a row, in the store and in queries. */
export function indexNameOf(members: string | readonly string[]): string {
  return [members].flat().join(',');
}

/** `definition`: all that decides what a View keeps, as JSON. */
export function definitionOf(definition: unknown): string {
  return hash(JSON.stringify(definition));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

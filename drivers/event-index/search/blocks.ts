// Names in the search index that keeps an index of events.
import { TenfoldError } from '../../../core/errors.ts';

/** The name of the search index. */
export const EVENT_INDEX = 'event-blocks';
/** An earlier format: its blocks could end before their events. */
export const OLD_EVENT_INDEX = 'event-index';
/** The id of the document that tells this index from others of its name. */
export const INCARNATION = 'incarnation';

export function placeOf(topic: string, partition: number): string {
  return `${placesOf(topic)}${partition}`;
}

export function placesOf(topic: string): string {
  return `${topic}/`;
}

export function topicIn(document: unknown): string {
  const place = isObject(document) ? String(document['place']) : '';
  return place.slice(0, place.lastIndexOf('/'));
}

/** The id of the document that counts how often the blocks of a topic were deleted. */
export function sweptOf(topic: string): string {
  return `swept/${topic}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function notThere(error: unknown): undefined {
  if (error instanceof TenfoldError && error.code === 'not-found') return undefined;
  throw error;
}

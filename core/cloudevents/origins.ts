// Which systems a change has been in already: an extension attribute of its event, by which a
// change never returns to where it came from.
import { TenfoldError } from '../errors.ts';
import type { CloudEvent } from './cloud-event.ts';
import { type EventRecord, fromRecord, isStructured, UNREADABLE_HEADER } from './record.ts';

/**
 * A list with commas: `default/shop` is the legacy system of the Strangler `shop`
 * in the namespace `default`.
 */
export const ORIGIN_ATTRIBUTE = 'tenfoldorigin';
const ORIGIN_FIELD = `ce_${ORIGIN_ATTRIBUTE}`;

/** A change that has been in more systems than this goes round. */
const MOST = 8;
/** A name that no Strangler can have is dropped. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,252}(?:\/[a-z0-9][a-z0-9.-]{0,252})?$/;

/**
 * Names without a namespace are those of `namespace`. Each once, in the order given. Throws
 * `loop-detected` when there are too many.
 */
export function parseOrigins(text: string | undefined, namespace: string): readonly string[] {
  if (text === undefined || text === '') return NONE;
  const found = new Set<string>();
  for (const part of text.split(',')) {
    const name = part.trim();
    if (NAME.test(name)) found.add(name.includes('/') ? name : `${namespace}/${name}`);
  }
  if (found.size <= MOST) return [...found];
  throw new TenfoldError(
    'loop-detected',
    `The change has been in more than ${MOST} systems (${ORIGIN_ATTRIBUTE}); this looks like a loop.`,
  );
}

const NONE: readonly string[] = [];

/** Undefined for none. */
export function formatOrigins(origins: readonly string[]): string | undefined {
  return origins.length === 0 ? undefined : origins.join(',');
}

/** Two lists as they are written, as one. */
export function joinOrigins(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || one === '' || one === other) return other || undefined;
  return other === undefined || other === '' ? one : `${one},${other}`;
}

export function originOf(event: CloudEvent): string | undefined {
  const value = event[ORIGIN_ATTRIBUTE];
  return typeof value === 'string' ? value : undefined;
}

/** The event with these origins and no others. */
export function withOrigin(event: CloudEvent, origin: string | undefined): CloudEvent {
  if (originOf(event) === origin && (origin !== undefined || !(ORIGIN_ATTRIBUTE in event))) return event;
  const { [ORIGIN_ATTRIBUTE]: _, ...rest } = event;
  return origin === undefined || origin === '' ? rest : { ...rest, [ORIGIN_ATTRIBUTE]: origin };
}

/** The text form in the record. Throws `invalid-event` for one that cannot be read. */
export function originOfRecord(record: EventRecord): string | undefined {
  const { headers } = record;
  // Its bytes may say so, but nobody can tell.
  if (headers[UNREADABLE_HEADER] !== undefined) return undefined;
  return isStructured(headers) ? originOf(fromRecord(record)) : headers[ORIGIN_FIELD];
}

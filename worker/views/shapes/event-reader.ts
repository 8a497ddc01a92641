// The events that a View counts, read from records; the rest of its expressions is evaluated over
// these.
import { compileTemplate } from '../../../core/cel/template.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { exactFromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { parseTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';

export type EventReader = (record: LogRecord) => CloudEvent | undefined;

/**
 * Undefined for an event that the filter does not let through. Throws
 * `invalid-event` and `expression-failed`.
 */
export function createEventReader(filter: string | undefined): EventReader {
  if (filter === undefined) return record => exactFromRecord(record);
  const counts = compileEventCondition(filter);
  return record => {
    const event = exactFromRecord(record);
    return counts(event) ? event : undefined;
  };
}

export function compileEventCondition(text: string | undefined): (event: CloudEvent) => boolean {
  if (text === undefined) return () => false;
  const template = compileTemplate(text, scopeOf('event'), { expected: 'bool', whole: true });
  return event => template.evaluate({ event }) === true;
}

/** `what`: for people, such as "The key of the row". */
export function compileRequiredKey(what: string, text: string): (event: CloudEvent) => string {
  const template = compileTemplate(text, scopeOf('event'), { expected: 'string' });
  return event => {
    const key = template.evaluate({ event });
    if (typeof key === 'string' && key !== '') return key;
    throw new TenfoldError('expression-failed', `${what}, ${text}, gives an empty text.`);
  };
}

/**
 * Milliseconds since 1970, and no later than the event was appended: a clock that is ahead must not
 * push out the results of others.
 */
export function happenedAt({ time }: CloudEvent, { timestamp }: LogRecord): number {
  return Math.min(timestamp, (time === undefined ? undefined : parseTimestamp(time)) ?? timestamp);
}

// The entry that an event puts into feeds, or takes out of them.

import { compileValue } from '../../../core/cel/value.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { toExactText } from '../../../core/units/whole-numbers.ts';
import { parseTimestamp } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import { compileEventCondition, compileRequiredKey } from './event-reader.ts';
import { parseValue } from './operation.ts';

export type FeedSpec = NonNullable<Resource<'View'>['spec']['feed']>;

/** An entry of an owner's feed, as a record has it. */
export interface FeedEntry {
  readonly id: string;
  readonly at: number;
  /** JSON text. */
  readonly shown: string;
}

export interface MadeEntry {
  /** A `FeedEntry`. */
  readonly bytes: Uint8Array;
  readonly isGone: boolean;
}

export function compileEntry(spec: FeedSpec): (event: CloudEvent, record: LogRecord) => MadeEntry {
  const idOf = compileRequiredKey('The id of the entry', spec.id);
  const deletes = compileEventCondition(spec.delete);
  const value = spec.value === undefined ? undefined : compileValue(spec.value, scopeOf('event'));
  const shownOf = (event: CloudEvent): string => {
    if (value) return toExactText(value.evaluate({ event }));
    if (event.data !== undefined && !(event.data instanceof Uint8Array)) return toExactText(event.data);
    throw new TenfoldError('expression-failed', 'The event has no data that are JSON, and the feed has no "value".');
  };
  return (event, record) => {
    const id = idOf(event);
    const isGone = deletes(event);
    const at = (event.time === undefined ? undefined : parseTimestamp(event.time)) ?? record.timestamp;
    const made: FeedEntry = { id, at, shown: isGone ? '' : shownOf(event) };
    return { bytes: Buffer.from(JSON.stringify(made)), isGone };
  };
}

export function toEntry(bytes: Uint8Array): FeedEntry {
  const made = parseValue(bytes);
  if (typeof made === 'object' && made !== null && 'id' in made && 'at' in made && 'shown' in made) {
    const { id, at, shown } = made;
    if (typeof id === 'string' && typeof at === 'number' && typeof shown === 'string') return { id, at, shown };
  }
  throw new TenfoldError('invalid-input', 'A record of the feed has no entry.');
}

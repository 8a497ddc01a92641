// Expressions over an event, evaluated for a record: decoded once, and only as far as the
// expression reads.
import { compileTemplate, type Template } from '../../core/cel/template.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { attributesOf, exactFromRecord, isStructured } from '../../core/cloudevents/record.ts';
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ShareSettings } from '../dispatch/settings.ts';

/** Throws `expression-failed` or `invalid-event` for a record that it cannot evaluate. */
export function compileFilter(text: string): (record: LogRecord) => boolean {
  const template = compileTemplate(text, scopeOf('event'), { expected: 'bool', whole: true });
  const read = readerFor(template);
  return record => template.evaluate({ event: read(record) }) === true;
}

/** Milliseconds since 1970. */
export function compileDueAt(text: string): (record: LogRecord) => number | undefined {
  const template = compileTemplate(text, scopeOf('event'), { expected: 'timestamp', whole: true });
  const read = readerFor(template);
  return record => {
    const ms = template.evaluate({ event: read(record) });
    return typeof ms === 'number' ? ms : undefined;
  };
}

/** An event that cannot be evaluated has no name and weight 1. */
export function compileShare({ by, weight, max }: NonNullable<Resource<'Queue'>['spec']['share']>): ShareSettings {
  const decode = keptOnce(exactFromRecord);
  const nameOf = attempted(by, 'string', decode);
  const weightOf = weight === undefined ? undefined : attempted(weight, 'number', decode);
  return {
    by: record => {
      const given = nameOf(record);
      return typeof given === 'string' && given.length <= LONGEST_NAME ? given : undefined;
    },
    weight:
      weightOf &&
      (record => {
        const value = weightOf(record);
        return typeof value === 'number' && value > 0 ? Math.min(Math.max(value, 0.001), 1000) : 1;
      }),
    max,
  };
}

const LONGEST_NAME = 256;

/** Undefined for a record that it cannot evaluate. */
function attempted(text: string, expected: 'string' | 'number', decode: Decode): (record: LogRecord) => unknown {
  const template = compileTemplate(text, scopeOf('event'), { expected, whole: true });
  const read = readerFor(template, decode);
  return record => {
    try {
      return template.evaluate({ event: read(record) });
    } catch {
      return undefined;
    }
  };
}

type Decode = (record: LogRecord) => CloudEvent;

/** The event of the newest record is kept: two expressions decode it once. */
function keptOnce(decode: Decode): Decode {
  let newest: LogRecord | undefined;
  let event: CloudEvent | undefined;
  return record => {
    if (record === newest && event) return event;
    event = decode(record);
    newest = record;
    return event;
  };
}

/** Only the attributes, where nothing else is read: a filter by type parses no data. */
function readerFor({ references }: Template, decode: Decode = exactFromRecord): Decode {
  const attributesOnly = references.every(reference => /^event\.(?!(data|datacontenttype)(\.|$))/.test(reference));
  return record => (attributesOnly && !isStructured(record.headers) ? attributesOf(record.headers) : decode(record));
}

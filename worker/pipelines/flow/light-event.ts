// Reads only the parts of a record that expressions need. If they need just data and time, no
// other attribute is read or checked.

import { compileExpression } from '../../../core/cel/expression.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { decodeData } from '../../../core/cloudevents/decode-binary.ts';
import { isStructured } from '../../../core/cloudevents/record.ts';
import { parseExactly } from '../../../core/units/whole-numbers.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';

/** Whether expressions, without `${}`, read nothing but data and time. */
export function readDataOnly(sources: readonly string[]): boolean {
  return sources
    .flatMap(source => compileExpression(source, scopeOf('event')).references)
    .every(reference => reference === 'event.time' || /^event\.data(\.|$)/.test(reference));
}

/** Undefined where the record is not so simple. Throws `invalid-event`. */
export function lightEvent({ headers, value }: LogRecord): CloudEvent | undefined {
  const { ce_specversion: version, ce_id: id, ce_source: source, ce_type: type, ce_time: time } = headers;
  if (version !== '1.0' || !id || !source || !type || isStructured(headers) || value.length === 0) return undefined;
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const data = decodeData(headers['content-type'], bytes, parseExactly);
  return time === undefined
    ? { specversion: '1.0', id, source, type, data }
    : { specversion: '1.0', id, source, type, time, data };
}

// The operation of a record of a View's internal topic on its key: mostly a change, at times a
// deletion.
import { parseExactly } from '../../../core/units/whole-numbers.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

const OPERATION = 'tenfold-op';

/** Headers of a record that deletes. */
export const DELETE = { [OPERATION]: 'delete' };
export const NOTHING = new Uint8Array(0);

export function isDelete({ headers }: Pick<LogRecord, 'headers'>): boolean {
  return headers[OPERATION] === 'delete';
}

/** Reads records whose numbers are doubles, such as scores. */
export function parseDoubles(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

export function parseValue(bytes: Uint8Array): unknown {
  return parseExactly(Buffer.from(bytes).toString());
}

// The one way a decoder refuses: an `invalid-event` error that names the
// attribute (or `data`) at fault.
import { TenfoldError } from '../errors.ts';

/** The data itself in the message of a parser. */
const QUOTED_DATA = /(?:^|, )(?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s;

/** `where` says which event of a batch, e.g. `event 3 of the batch`; empty for a single event. */
export function invalidEvent(attribute: string, message: string, where = ''): TenfoldError {
  const text = `${where === '' ? '' : `${where}: `}${attribute} ${message}`;
  return new TenfoldError('invalid-event', text, { extensions: { attribute } });
}

/** The fault that a JSON parser found, without data: operators read the message. */
export function jsonFaultOf(error: unknown): string {
  const message = error instanceof Error ? error.message.replace(QUOTED_DATA, '') : '';
  return message === '' ? 'it cannot be parsed' : message;
}

// The one way a decoder refuses: an `invalid-event` error that names the
// attribute (or `data`) at fault.
import { TenfoldError } from '../errors.ts';

/** `where` says which event of a batch, e.g. `event 3 of the batch`; empty for a single event. */
export function invalidEvent(attribute: string, message: string, where = ''): TenfoldError {
  const text = `${where === '' ? '' : `${where}: `}${attribute} ${message}`;
  return new TenfoldError('invalid-event', text, { extensions: { attribute } });
}

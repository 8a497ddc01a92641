// Reads X-Callback-Url: where the end of a job is reported to. An address that is plainly forbidden
// is refused before the job is accepted.
import { isIP } from 'node:net';
import { TenfoldError } from '../../core/errors.ts';
import { fieldOf } from '../http/fields.ts';
import type { AddressCheck } from '../transport/address-policy.ts';

const MAX_LENGTH = 2048;

/**
 * Undefined when none is named. Names are looked up, and their addresses checked, each
 * time the callback is made.
 */
export function readCallbackUrl(
  fields: readonly string[],
  queue: { readonly name: string; readonly makesCallbacks: boolean },
  check: AddressCheck,
): string | undefined {
  const text = fieldOf(fields, 'x-callback-url');
  if (text === undefined) return undefined;
  if (!queue.makesCallbacks) throw refuse(`The queue ${queue.name} makes no callbacks`);
  if (text.length > MAX_LENGTH || !URL.canParse(text)) throw refuse('X-Callback-Url is no absolute address');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refuse('X-Callback-Url must be an http or https address');
  if (url.username !== '' || url.password !== '') throw refuse('X-Callback-Url must not hold a password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const reason = isIP(host) === 0 ? undefined : check(host, host);
  if (reason !== undefined) throw refuse(`X-Callback-Url names an address that may not be called: ${reason}`);
  url.hash = '';
  return url.href;
}

function refuse(message: string): TenfoldError {
  return new TenfoldError('bad-request', `${message}.`);
}

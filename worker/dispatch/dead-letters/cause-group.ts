// Groups dead letters by their cause: the same error at the same place, whatever numbers, ids and
// quoted values its message has.
import { createHash } from 'node:crypto';
import type { DeadLetter } from '../settings.ts';

/** Longer messages, once masked, are grouped by their beginning. */
const MAX_MESSAGE = 300;
const ID_LENGTH = 10;

/**
 * The cause as all dead letters of a group have it. A cause that a function told is its error and
 * its place; any other one is the reason, the status and the message.
 */
export function causeTextOf({ reason, error }: Pick<DeadLetter, 'reason' | 'error'>): string {
  const cause = error?.cause;
  if (cause !== undefined) {
    const first = cause.message === '' ? cause.name : `${cause.name}: ${masked(cause.message)}`;
    return cause.at === undefined ? first : `${first} at ${cause.at}`;
  }
  const status = error?.status === undefined ? '' : ` ${error.status}`;
  const message = masked(error?.message ?? '');
  return `${reason}${status}${message === '' ? '' : `: ${message}`}`;
}

/** The same for the same text in every process and release. */
export function groupIdOf(causeText: string): string {
  return createHash('sha256').update(causeText).digest('hex').slice(0, ID_LENGTH);
}

/**
 * Backslashes hide the mark that would end it, a text that was cut may have no end, and an
 * apostrophe inside of a word quotes nothing.
 */
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|$)|(?<![\p{L}\d_])(?:'[^']*'|`[^`]*`)(?![\p{L}\d_])|“[^”]*”|‘[^’]*’|«[^»]*»/gu;
/** A number, a UUID, a path or any other run of words without a space between them. */
const WORD = /(?<![\p{L}\d_])[-+]?[\p{L}\d_]+(?:[-.:/+@]{1,3}[\p{L}\d_]+)*/gu;
/** Also without a digit, such as `deadbeef`. */
const HEX = /^[\da-f]{8,}$/i;
const ROW = /#(?:[-.,:;/+ ]{1,2}#)+/g;

/**
 * `#` for each quoted text, each word with a digit in it, each hexadecimal word, and each row of
 * these. One throw has the same message for all ids, whatever their form.
 */
function masked(message: string): string {
  return message
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(QUOTED, '#')
    .replace(WORD, word => (/\d/.test(word) || HEX.test(word) ? '#' : word))
    .replace(ROW, '#')
    .slice(0, MAX_MESSAGE);
}

// The error of an answer in JSON lines that went wrong after it had begun.
import type { FailedLine } from '../../admin/api.ts';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';

export function toLineError({ code, message, line, column }: FailedLine): TenfoldError {
  return new TenfoldError(isCode(code) ? code : 'bad-gateway', message, { extensions: { line, column } });
}

/**
 * The error for an answer that ended without its last line: the platform died, or a proxy between
 * it and us.
 */
export function brokenOff(what: string): TenfoldError {
  return new TenfoldError('bad-gateway', `The answer of the platform broke off: nobody knows whether ${what}.`);
}

function isCode(text: string): text is Code {
  return Object.hasOwn(errorCodes, text);
}

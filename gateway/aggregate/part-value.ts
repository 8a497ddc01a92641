// The answer of a part as expressions see it: its body parsed once, whatever
// becomes of it afterwards.

import { TenfoldError } from '../../core/errors.ts';
import { parseExactly } from '../../core/units/whole-numbers.ts';
import { toRecord } from '../exchange/variables.ts';
import { type Answer, fieldOfAnswer } from '../upstream/buffered-call.ts';

export interface PartValue {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The value of a part that expressions and functions read: the rest is not made. */
export interface PartReads {
  readonly headers: boolean;
  readonly body: boolean;
}

export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));
const JSON_TYPE = /^application\/(?:json|[^;,\s]+\+json)(?:\s*;|$)/i;
const TEXT_TYPE = /^text\//i;

/**
 * Throws `bad-gateway` for a body that is not what its type says, or of a type
 * that no expression can read.
 */
export function readValue(answer: Answer, reads: PartReads): PartValue {
  const { status } = answer;
  const headers = reads.headers ? toRecord(answer.fields, ', ') : NO_HEADERS;
  const wanted = reads.body && status >= 200 && status < 300;
  return { status, headers, body: wanted ? readBody(answer) : null };
}

function readBody(answer: Answer): unknown {
  const { body } = answer;
  if (body.length === 0) return null;
  const type = fieldOfAnswer(answer, 'content-type') ?? 'application/json';
  const encoding = fieldOfAnswer(answer, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity') throw unreadable('is encoded although nobody asked for that');
  if (JSON_TYPE.test(type)) {
    try {
      return parseExactly(body.toString());
    } catch {
      throw unreadable('is not the JSON that it says to be');
    }
  }
  if (TEXT_TYPE.test(type)) return body.toString();
  throw unreadable('is neither JSON nor text');
}

function unreadable(why: string): TenfoldError {
  return new TenfoldError('bad-gateway', `The body of an answer ${why}.`);
}

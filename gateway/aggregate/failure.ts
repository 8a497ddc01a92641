// The one problem with which an aggregate answers when a part that it needs has no answer: it names
// parts, never their targets.
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';
import type { Reason } from '../plan/requests-report.ts';
import type { Part } from './part.ts';
import type { PartResult } from './part-result.ts';
import { isLost } from './parts-run.ts';

/** The error that each reason becomes for the client of the whole. */
const CODES: Readonly<Record<Reason, Code>> = {
  timeout: 'timeout',
  busy: 'overloaded',
  'not-found': 'not-found',
  forbidden: 'forbidden',
  refused: 'bad-gateway',
  'no-answer': 'bad-gateway',
  expression: 'bad-gateway',
  'invalid-input': 'invalid-input',
  input: 'bad-gateway',
  condition: 'bad-gateway',
  cancelled: 'bad-gateway',
};

const IN_WORDS: Readonly<Record<Reason, string>> = {
  timeout: 'did not answer in time',
  busy: 'cannot take the call now',
  'not-found': 'has nothing for this request',
  forbidden: 'does not allow it',
  refused: 'refuses the call',
  'no-answer': 'gave no valid answer',
  expression: 'could not be asked, since an answer does not have what the question is made from',
  'invalid-input': 'cannot be asked with what the request holds',
  input: 'needs a part that has no answer',
  condition: 'was left out',
  cancelled: 'was given up',
};

/**
 * The first lost part in the order of the parts that is not merely the consequence of
 * another decides the status.
 */
export function toFailure(parts: readonly Part[], results: readonly (PartResult | undefined)[]): TenfoldError {
  const lost = parts.flatMap(({ name, required }, index) => {
    const result = results[index];
    return result && isLost(result) ? [{ name, required, result }] : [];
  });
  const causes = lost.filter(({ result }) => result.reason !== 'input');
  const { name, result } = causes.find(({ required }) => required) ?? causes[0] ?? { name: '', result: undefined };
  const reason = result?.reason ?? 'no-answer';
  const waits = lost.flatMap(({ result: { retryAfterSeconds } }) => retryAfterSeconds ?? []);
  const code = CODES[reason];
  return new TenfoldError(code, `The answer cannot be made: the part ${name} ${IN_WORDS[reason]}.`, {
    extensions: { parts: lost.map(each => ({ name: each.name, reason: each.result.reason })) },
    ...(errorCodes[code].status < 500 ? {} : { reason: 'aggregate.part' }),
    ...(waits.length === 0 ? {} : { retryAfterSeconds: Math.max(...waits) }),
  });
}

// Answers a call with a method that the endpoint does not take: 405, with those that
// it does (RFC 9110 §15.5.6).
import { TenfoldError } from '../../core/errors.ts';
import type { Call } from '../exchange/target.ts';
import { toProblemAnswer } from '../http/problem-answer.ts';
import { answerCall } from './answer-call.ts';

export function refuseMethod(call: Call, allowed: readonly string[]): void {
  const message = `The method ${call.method} is not taken here; ${allowed.join(' and ')} is.`;
  const error = new TenfoldError('method-not-allowed', message);
  const { status, fields, body } = toProblemAnswer(error, call.trace.traceId);
  answerCall(call, status, [...fields, 'allow', allowed.join(', ')], Buffer.from(body), error.reason);
}

// The problems that hosts of functions answer with on their own; codes, statuses and titles are
// those of the whole product.
import { HttpProblem, type ProblemOptions } from '../problem.ts';

const PROBLEM_TYPE_BASE = 'https://tenfold.dev/errors#';

export const knownProblems = {
  'bad-request': { status: 400, title: 'The request is malformed' },
  'invalid-input': { status: 400, title: 'The input does not match its schema' },
  'invalid-event': { status: 400, title: 'The event is not a valid CloudEvent' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  'not-found': { status: 404, title: 'Nothing is here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'in-progress': { status: 409, title: 'The same request is being worked on' },
  'precondition-failed': { status: 412, title: 'A condition of the request does not hold' },
  'body-too-large': { status: 413, title: 'The body is larger than allowed' },
  'unsupported-media-type': { status: 415, title: 'The media type is not supported here' },
  'too-many-requests': { status: 429, title: 'More requests than the limit allows' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  overloaded: { status: 503, title: 'Too much work is waiting' },
  'shutting-down': { status: 503, title: 'The process is shutting down' },
  timeout: { status: 504, title: 'The time limit was reached' },
} as const;

export type KnownProblem = keyof typeof knownProblems;

export function knownProblem(
  code: KnownProblem,
  detail?: string,
  options: Omit<ProblemOptions, 'detail' | 'title' | 'type'> = {},
): HttpProblem {
  const { status, title } = knownProblems[code];
  const type = PROBLEM_TYPE_BASE + code;
  return new HttpProblem(
    status,
    detail === undefined ? { ...options, type, title } : { ...options, type, title, detail },
  );
}

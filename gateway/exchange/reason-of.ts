// Describes a failure for operators: its reason in one word, and its cause in words.
import type { AnswerReason } from '../../core/answer-reasons.ts';
import { TenfoldError } from '../../core/errors.ts';

export function reasonOf(failure: unknown): AnswerReason {
  return failure instanceof TenfoldError ? failure.reason : 'internal.unexpected';
}

const MOST_ERRORS = 5;
const MAX_CAUSE = 2000;

/**
 * The messages of an error and of those behind it, such as `Url api.example refuses connections.
 * connect ECONNREFUSED 10.0.0.7:443`. An unexpected error has its place in the code, too.
 */
export function causeInWords(failure: unknown): string {
  const messages: string[] = [];
  let error = failure;
  for (; error !== undefined && messages.length < MOST_ERRORS; error = nextOf(error)) {
    const message = messageOf(error);
    if (message !== '' && !messages.includes(message)) messages.push(message);
  }
  const text = messages.join(' ');
  if (text.length <= MAX_CAUSE) return text;
  return `${text.slice(0, MAX_CAUSE)}… (${text.length - MAX_CAUSE} more characters)`;
}

function nextOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof TenfoldError || 'code' in error) return error.message;
  const [, frame = ''] = /^\s+(at .+)$/m.exec(error.stack ?? '') ?? [];
  return `${error.name}: ${error.message}${frame === '' ? '' : ` (${frame})`}`;
}

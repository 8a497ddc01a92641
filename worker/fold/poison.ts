// Tells errors that a record causes for ever from passing ones. The first set the record aside, the
// others lead to another attempt.
import { type Code, TenfoldError } from '../../core/errors.ts';

const POISON = new Set<Code>([
  'expression-failed',
  'invalid-event',
  'invalid-input',
  'unsupported-media-type',
  'body-too-large',
  'loop-detected',
]);

export function isPoison(error: unknown): boolean {
  return error instanceof TenfoldError && POISON.has(error.code);
}

// Tells what will fail with a record for ever from what may pass: the one is set aside, the other tried again.
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

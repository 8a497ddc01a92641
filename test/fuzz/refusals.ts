// How a target tells a refusal from a crash.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../core/errors.ts';

/**
 * The outcome of a refusal by one of `codes`; anything else that was thrown is a fault. Data of the
 * input is left out, so that outcomes stay few.
 */
export function refusedBy(error: unknown, ...codes: readonly string[]): string {
  if (!(error instanceof TenfoldError) || !codes.includes(error.code)) throw error;
  assert.ok(error.message.length < 2_000, `a message of ${error.message.length} characters`);
  return `${error.code}: ${error.message.replaceAll(/"[^"]*"|[^\x20-\x7e]|[0-9]/g, '').slice(0, 60)}`;
}

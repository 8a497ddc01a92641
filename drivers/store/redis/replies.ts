// Takes the answers of scripts apart; what does not look as expected is named, not guessed.
import { TenfoldError } from '../../../core/errors.ts';

export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : unexpected(reply);
}

export function bytesReply(reply: unknown): Buffer {
  return Buffer.isBuffer(reply) ? reply : unexpected(reply);
}

export function textReply(reply: unknown): string {
  return typeof reply === 'string' ? reply : bytesReply(reply).toString();
}

/** An integer reply, or the digits of any number. */
export function numberReply(reply: unknown): number {
  if (typeof reply === 'number') return reply;
  const text = textReply(reply);
  const number = Number(text);
  return text !== '' && !Number.isNaN(number) ? number : unexpected(reply);
}

/** Nothing is null in replies. */
export function maybe<T>(reply: unknown, take: (reply: unknown) => T): T | undefined {
  return reply === null || reply === undefined ? undefined : take(reply);
}

function unexpected(reply: unknown): never {
  throw new TenfoldError(
    'data-corrupt',
    `Redis answered with ${reply === null ? 'nothing' : `a ${typeof reply}`} where something else was expected.`,
  );
}

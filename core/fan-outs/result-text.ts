// The outcome of an item as one JSON text. The gathering stream, pages of results and the result of
// a job without gathering all use it.

import { isJsonType } from '../cloudevents/media-type.ts';
import { publicFailure } from '../failure.ts';
import { parseExactly, toExactText } from '../units/whole-numbers.ts';
import type { ResultHead } from './facts.ts';
import type { FailedRow } from './job.ts';
import { decodeWithHead } from './job.ts';

/** A result as it is kept: its head, and its bytes unless they are in the blob store. */
export interface KeptResult {
  readonly head: ResultHead;
  readonly body: Buffer;
}

/** Undefined for a value that is no result. One of a later version is refused (`later-release`). */
export function decodeResult(row: { readonly key: string; readonly value: Uint8Array }): KeptResult | undefined {
  const decoded = decodeWithHead(row);
  if (decoded === undefined || !isHead(decoded.head)) return undefined;
  return { head: decoded.head, body: decoded.body };
}

/** `key`: of the item's row. */
export function indexOfKey(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

/**
 * The member `result` alone: JSON as it was answered, text as a text, other bytes
 * in Base64, nothing as null.
 */
function toResultText({ contentType = '' }: ResultHead, body: Buffer): string {
  if (body.length === 0) return 'null';
  if (isJsonType(contentType)) {
    const text = body.toString('utf8');
    try {
      JSON.parse(text);
      // It has a line of its own.
      return text.includes('\n') ? toExactText(parseExactly(text)) : text;
    } catch {
      // It is not of the type that it claims.
    }
  }
  if (contentType.startsWith('text/')) return JSON.stringify(body.toString('utf8'));
  return JSON.stringify({ base64: body.toString('base64') });
}

export function toItemText(index: number, head: ResultHead, body: Buffer): string {
  return `{"index":${index},"state":"succeeded","status":${head.status},"result":${toResultText(head, body)}}`;
}

export function toFailedText(index: number, { error, letter }: FailedRow): string {
  const { attempts, reason } = letter;
  return JSON.stringify({ index, state: 'failed', reason, attempts, error: publicFailure(error) });
}

function isHead(value: unknown): value is ResultHead {
  return typeof value === 'object' && value !== null && 'status' in value && 'size' in value;
}

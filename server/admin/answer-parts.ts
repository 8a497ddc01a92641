// The headers and the body of an answer, as the admin API shows them.
import { isUtf8 } from 'node:buffer';
import type { FunctionBody } from '../../admin/asking/ask-view.ts';

/** `fields`: name and value in turn. */
export function pairsOf(fields: readonly string[]): (readonly [string, string])[] {
  return fields.flatMap((field, index) => (index % 2 === 0 ? [[field, fields[index + 1] ?? ''] as const] : []));
}

export function toBody(bytes: Buffer): FunctionBody {
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}

// The body of an answer in the form in which it is compared: JSON, a tree of
// XML or HTML, text, or bytes.
import { isUtf8 } from 'node:buffer';
import { isRounded, mayBeRounded } from '../../../core/units/exact-json.ts';
import { type Element, readHtml, readXml } from './markup.ts';

export type ComparableBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'xml' | 'html'; readonly root: Element }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly size: number };

export function readComparableBody(
  body: Buffer,
  contentType: string | undefined,
  as: 'structure' | 'text',
): ComparableBody {
  const [, type = '', charset] = /^\s*([^\s;]*)(?:.*;\s*charset="?([^\s";]+))?/i.exec(contentType ?? '') ?? [];
  const text = toText(body, charset);
  if (text === undefined) return { kind: 'bytes', size: body.length };
  if (as === 'text') return { kind: 'text', text };
  const json = readJson(text);
  if (json) return { kind: 'json', value: json.value };
  const media = type.toLowerCase();
  const isHtml = media === 'text/html' || (media === '' && /^\s*<(!doctype html|html)/i.test(text));
  if (!isHtml && !/(^|[/+])xml$/.test(media) && !/^\s*<\?xml/.test(text)) return { kind: 'text', text };
  const root = isHtml ? readHtml(text) : readXml(text);
  return root ? { kind: isHtml ? 'html' : 'xml', root } : { kind: 'text', text };
}

function toText(body: Buffer, charset: string | undefined): string | undefined {
  // XML says it of itself.
  const declared = charset ?? /^<\?xml[^>]*encoding=["']([^"']+)/.exec(body.toString('latin1', 0, 200))?.[1];
  if (isUtf8(body)) return body.toString();
  if (declared === undefined) return undefined;
  try {
    return new TextDecoder(declared, { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: mayBeRounded(text) ? JSON.parse(text, keepLarge) : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * A whole number that JavaScript would round, such as an id of 64 bits, is
 * compared as it was written.
 */
function keepLarge(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return isRounded(value, context?.source) ? `number ${context?.source}` : value;
}

// Compresses answers on their way to clients that take it, where the Api asks for that.
import type { Exchange } from '../exchange/exchange.ts';
import type { ResponseHead, Sink } from '../exchange/response-filter.ts';
import type { Step } from '../exchange/step.ts';
import { chooseEncoding, type Encoding } from '../http/accept-encoding.ts';
import { fieldOf } from '../http/fields.ts';
import { createEncoder } from './encoder.ts';
import { createTypeMatcher } from './media-types.ts';

export interface CompressionSettings {
  /** Best first. */
  readonly encodings: readonly Encoding[];
  /** Bytes. */
  readonly minSize: number;
  readonly types: readonly string[];
}

/** Fields that speak of bytes which the client does not get. */
const OF_THE_BYTES = new Set(['content-length', 'accept-ranges', 'content-md5', 'content-digest', 'digest']);

export function compressStep({ encodings, minSize, types }: CompressionSettings): Step {
  const matches = createTypeMatcher(types);
  return exchange => exchange.response.addFilter({ prepareHead: head => compress(exchange, head) });

  /** The encoder that the body is to go through; undefined where the answer stays as it is. */
  function compress(exchange: Exchange, head: ResponseHead): Sink | undefined {
    const { status, fields } = head;
    if (status === 204 || status === 304 || status === 206) return undefined;
    let type = '';
    let length: number | undefined;
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const value = fields[index + 1] ?? '';
      switch (fields[index]?.toLowerCase()) {
        case 'content-type':
          type = value;
          break;
        case 'content-length':
          length = Number(value);
          break;
        case 'content-encoding':
          if (value.toLowerCase() !== 'identity') return undefined;
          break;
        case 'cache-control':
          // RFC 9110 §7.7
          if (/(?:^|[\s,])no-transform(?:$|[\s,])/i.test(value)) return undefined;
          break;
      }
    }
    if (!matches(type)) return undefined;
    // Another client may get it otherwise, also where this one gets it plain.
    addVary(fields);
    if (length !== undefined && length < minSize) return undefined;
    const encoding = chooseEncoding(fieldOf(exchange.request.head.fields, 'accept-encoding'), encodings);
    if (encoding === undefined) return undefined;
    head.fields = toEncoded(fields, encoding);
    return exchange.method === 'HEAD' ? undefined : createEncoder(exchange.world, encoding);
  }
}

function toEncoded(fields: readonly string[], encoding: Encoding): string[] {
  const encoded: string[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (OF_THE_BYTES.has(lower) || lower === 'content-encoding') continue;
    // RFC 9110 §8.8.1: the same to a reader, not byte by byte.
    encoded.push(name, lower === 'etag' && !value.startsWith('W/') ? `W/${value}` : value);
  }
  encoded.push('content-encoding', encoding);
  return encoded;
}

function addVary(fields: string[]): void {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() !== 'vary') continue;
    const value = fields[index + 1] ?? '';
    if (/(?:^|[\s,])(?:accept-encoding|\*)(?:$|[\s,])/i.test(value)) return;
    fields[index + 1] = `${value}, Accept-Encoding`;
    return;
  }
  fields.push('vary', 'Accept-Encoding');
}

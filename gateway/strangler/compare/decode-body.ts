// Undoes the Content-Encoding of an answer (RFC 9110 §8.4), so that a compressed answer can be
// compared with a plain one.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

/**
 * The plain bytes, or undefined when the encoding is unknown, the bytes are broken, or more
 * than `maxBytes` come out.
 */
export async function decodeBody(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '' || body.length === 0) return body;
  const decode = Object.hasOwn(decoders, name) ? decoders[name as keyof typeof decoders] : undefined;
  if (!decode) return undefined;
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

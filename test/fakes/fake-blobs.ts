// Objects in memory, as much of a blob store as the endpoints and the workers use.
import { Readable } from 'node:stream';
import { TenfoldError } from '../../core/errors.ts';
import type { BlobStore, PutBlob } from '../../drivers/blob-store/blob-store.ts';

/** `now`: its clock. */
export function createFakeBlobs(now: () => number = Date.now) {
  const kept = new Map<string, { readonly bytes: Buffer; readonly contentType: string }>();
  const infoOf = (key: string) => {
    const blob = kept.get(key);
    if (blob === undefined) return undefined;
    return { key, size: blob.bytes.length, etag: '1', modified: 0, contentType: blob.contentType, metadata: {} };
  };
  return {
    kept,
    now: async () => now(),
    async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, options: PutBlob = {}) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > (options.maxBytes ?? size)) throw new TenfoldError('body-too-large', 'too large');
      }
      kept.set(key, { bytes: Buffer.concat(chunks), contentType: options.contentType ?? 'application/octet-stream' });
      return { written: true, blob: infoOf(key) };
    },
    head: async (key: string) => infoOf(key),
    async get(key: string) {
      const info = infoOf(key);
      const bytes = kept.get(key)?.bytes ?? Buffer.alloc(0);
      return info && { info, first: 0, length: bytes.length, body: Readable.from([bytes]) };
    },
    delete: async (key: string) => kept.delete(key),
    list: async (prefix: string) => {
      const keys = [...kept.keys()].filter(key => key.startsWith(prefix)).sort();
      return { blobs: keys.flatMap(key => infoOf(key) ?? []), next: undefined };
    },
  } as unknown as BlobStore & { readonly kept: typeof kept };
}

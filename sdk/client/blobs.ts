// Objects of the application's namespace, at the internal listener: `context.blobs`.
import type { CallOptions } from '../call-options.ts';
import { type CallScope, callEndpoint } from './call-endpoint.ts';
import { InvokeError } from './invoke-error.ts';

export interface StoredBlob {
  readonly body: Buffer;
  readonly contentType: string;
  /** Identifies the content: it differs when the content differs. */
  readonly etag: string;
}

export interface BlobEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
  /** RFC 3339. */
  readonly modified: string;
}

export interface PutBlobOptions extends CallOptions {
  /** `application/octet-stream` when absent. */
  readonly contentType?: string;
}

/**
 * Objects by name, such as `uploads/cat.jpg`; what one function puts all others
 * of the namespace can read.
 */
export interface Blobs {
  /** Undefined when there is none. */
  get(name: string, options?: CallOptions): Promise<StoredBlob | undefined>;
  /** Durable when it resolves; replaces an object of that name. */
  put(name: string, body: Uint8Array | string, options?: PutBlobOptions): Promise<void>;
  /** Whether it was there. */
  delete(name: string, options?: CallOptions): Promise<boolean>;
  /** The objects whose names begin with `prefix`, by name; at most 1,000. */
  list(prefix: string, options?: CallOptions): Promise<readonly BlobEntry[]>;
}

export function createBlobs(scope: CallScope): Blobs {
  return {
    async get(name, options = {}) {
      const answer = await unlessMissing(callEndpoint(scope, { method: 'GET', target: targetOf(name) }, options));
      if (answer === undefined) return undefined;
      const { headers, body } = answer;
      const contentType = String(headers['content-type'] ?? 'application/octet-stream');
      return { body, contentType, etag: String(headers['etag'] ?? '').replaceAll('"', '') };
    },
    async put(name, body, { contentType = 'application/octet-stream', ...options } = {}) {
      const headers = { 'content-type': contentType };
      await callEndpoint(scope, { method: 'PUT', target: targetOf(name), headers, body }, options);
    },
    async delete(name, options = {}) {
      return (
        (await unlessMissing(callEndpoint(scope, { method: 'DELETE', target: targetOf(name) }, options))) !== undefined
      );
    },
    async list(prefix, options = {}) {
      const target = `/blobs/?limit=1000&prefix=${encodeURIComponent(prefix)}`;
      const { body } = await callEndpoint(scope, { method: 'GET', target }, options);
      const { items }: { items: BlobEntry[] } = JSON.parse(body.toString('utf8'));
      return items;
    },
  };
}

function targetOf(name: string): string {
  if (name === '' || name.startsWith('/')) throw new TypeError(`"${name}" is no name of an object.`);
  return `/blobs/${name.split('/').map(encodeURIComponent).join('/')}`;
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof InvokeError && error.status === 404) return undefined;
    throw error;
  }
}

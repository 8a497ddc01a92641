// The view that callers have of an entry of the database.
import type { BlobInfo } from '../blob-store.ts';
import type { Entry } from './wire.ts';

export function infoOf({ key, size, etag, modified, contentType, metadata }: Entry): BlobInfo {
  return { key, size, etag, modified, contentType, metadata: toMetadata(metadata) };
}

function toMetadata(text: string): Record<string, string> {
  const parsed: unknown = JSON.parse(text);
  const entries = Object.entries(parsed ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  return Object.fromEntries(entries);
}

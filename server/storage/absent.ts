// Stands for storage that processes share where no service is configured for it: its errors say
// what to configure. Resources that need it were refused before.
import { TenfoldError } from '../../core/errors.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';

const health = async () => ({ ok: true });
const close = async () => {};

export function absentSearch(): SearchIndex {
  const fail = async (): Promise<never> => {
    throw new TenfoldError('unsupported', 'There is no search index: configure search.elasticsearch.');
  };
  return {
    ensureIndex: fail,
    dropIndex: close,
    indexes: async () => [],
    pointAliases: fail,
    change: fail,
    refresh: fail,
    search: fail,
    suggest: fail,
    document: fail,
    health,
    close,
  };
}

/** Holds nothing, so that what looks for something to tidy up finds nothing. */
export function absentBlobs(): BlobStore {
  const fail = async (): Promise<never> => {
    throw new TenfoldError('unsupported', 'There is no store for large contents: configure blobs.s3.');
  };
  return {
    now: fail,
    put: fail,
    head: async () => undefined,
    get: async () => undefined,
    delete: async () => false,
    list: async () => ({ blobs: [], next: undefined }),
    latestChange: fail,
    changes: fail,
    health,
    close,
  };
}

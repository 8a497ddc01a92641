// Servers, proxies and stores that tests of the S3 driver need, each ended after its test.
import { realWorld } from '../../../../core/world.ts';
import type { NotifiedBlobStore } from '../../../../drivers/blob-store/blob-store.ts';
import { openS3BlobStore, type S3BlobStoreOptions } from '../../../../drivers/blob-store/s3/s3-blob-store.ts';
import { startProxy, type TcpProxy } from '../../../services/proxy.ts';
import { type S3Server, s3Url, startS3, toS3Connection } from '../../../services/s3.ts';
import { type S3Faults, startS3Faults } from './s3-faults.ts';

export const MIB = 1024 * 1024;

export interface S3Cases {
  server(port?: number, folder?: string): Promise<S3Server>;
  faults(port: number): Promise<S3Faults>;
  proxy(port: number): Promise<TcpProxy>;
  /** Over the server at this port, or at a URL. */
  store(at: number | string, options?: Partial<S3BlobStoreOptions>): Promise<NotifiedBlobStore>;
  atEnd(end: () => unknown): void;
}

/** To be called in `describe`. */
export function s3Cases(): S3Cases {
  const ending: (() => unknown)[] = [];
  afterEach(async () => {
    // Stores before their servers.
    for (const end of ending.splice(0).reverse()) await end();
  });
  return {
    async server(port, folder) {
      const server = await startS3(port, folder);
      ending.push(() => server.process.stop());
      return server;
    },
    async faults(port) {
      const faults = await startS3Faults(port);
      ending.push(() => faults.close());
      return faults;
    },
    async proxy(port) {
      const proxy = await startProxy(port);
      ending.push(() => proxy.close());
      return proxy;
    },
    async store(at, options = {}) {
      const connection = toS3Connection(typeof at === 'string' ? at : s3Url(at));
      const store = await openS3BlobStore({
        world: realWorld,
        connection,
        requestTimeoutMs: 60_000,
        partBytes: 5 * MIB,
        ...options,
      });
      ending.push(() => store.close());
      return store;
    },
    atEnd: end => void ending.push(end),
  };
}

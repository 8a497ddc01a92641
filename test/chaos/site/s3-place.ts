// S3 that can be killed and started again with what it had.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../../cli/temp-folder.ts';
import { startProxy, type TcpProxy } from '../../services/proxy.ts';
import { type S3Server, startS3 } from '../../services/s3.ts';

export interface S3Place {
  readonly proxy: TcpProxy;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Of the server itself. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startS3Place(): Promise<S3Place> {
  const folder = join(tempFolder(), 'buckets');
  mkdirSync(folder);
  let server: S3Server = await startS3(undefined, folder);
  const proxy = await startProxy(server.port);
  return {
    proxy,
    signal: signal => server.process.signal(signal),
    async kill() {
      server.process.signal('SIGKILL');
      await server.process.stop();
    },
    async start() {
      server = await startS3(server.port, folder);
    },
    url: server.url,
    async close() {
      await proxy.close();
      await server.process.stop();
    },
  };
}

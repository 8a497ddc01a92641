// What the contracts of transports are checked on: a transport, and
// upstreams that last for one test.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Transport } from '../../../gateway/transport/transport.ts';
import { startRawUpstream } from '../../gateway/hostile/raw-upstream.ts';

export class TransportSite {
  readonly #create: () => Transport;
  readonly #upstreams: { close(): Promise<unknown> }[] = [];
  #transport: Transport | undefined;

  constructor(create: () => Transport) {
    this.#create = create;
  }

  get transport(): Transport {
    this.#transport ??= this.#create();
    return this.#transport;
  }

  /** An upstream that answers byte by byte as the script says. */
  async raw(script: Parameters<typeof startRawUpstream>[0]): ReturnType<typeof startRawUpstream> {
    const upstream = await startRawUpstream(script);
    this.#upstreams.push(upstream);
    return upstream;
  }

  /** The origin of an HTTP server. */
  async serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
    const server: Server = createServer(listener);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    this.#upstreams.push({
      close() {
        server.closeAllConnections();
        return new Promise(resolve => server.close(resolve));
      },
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** The origin of a server that answers with what it was asked. */
  echo(): Promise<string> {
    return this.serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
      });
    });
  }

  async end(): Promise<void> {
    await this.#transport?.destroy();
    this.#transport = undefined;
    for (const upstream of this.#upstreams.splice(0)) await upstream.close();
  }
}

/** Each test of the describe that calls this has a transport and upstreams of its own. */
export function useTransport(create: () => Transport): TransportSite {
  const site = new TransportSite(create);
  afterEach(() => site.end());
  return site;
}

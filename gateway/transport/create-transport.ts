// The transport that the platform uses: connections of our own to plain origins, undici's to those that need TLS.
import { createHttp1Transport } from './http1/http1-transport.ts';
import type { Transport } from './transport.ts';
import { createUndiciTransport, type UndiciTransportOptions } from './undici-transport.ts';

export function createTransport(options: UndiciTransportOptions): Transport {
  return createHttp1Transport({ ...options, secure: createUndiciTransport(options) });
}

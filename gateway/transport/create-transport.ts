// The transport that the platform uses: connections of our own to plain origins,
// undici's to those that need TLS.
import { createHttp1Transport } from './http1/http1-transport.ts';
import { loadLate } from './load-late.ts';
import type { Transport } from './transport.ts';
import type { UndiciTransportOptions } from './undici-transport.ts';

export function createTransport(options: UndiciTransportOptions): Transport {
  const secure = loadLate(async () => {
    const { createUndiciTransport } = await import('./undici-transport.ts');
    return createUndiciTransport(options);
  });
  return createHttp1Transport({ ...options, secure });
}

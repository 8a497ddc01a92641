// A transport that is loaded when the first request needs it: undici alone takes more memory
// than a thousand idle clients.
import type { Transport } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** `load` is called at most once, unless it fails. */
export function loadLate(load: () => Promise<Transport>): Transport {
  let loading: Promise<Transport> | undefined;
  let loaded: Transport | undefined;
  let closed = false;
  const get = (): Promise<Transport> => {
    loading ??= load().then(
      transport => {
        loaded = transport;
        return transport;
      },
      error => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  const end = async (how: 'close' | 'destroy') => {
    closed = true;
    const transport = await loading?.catch(() => undefined);
    await transport?.[how]();
  };
  return {
    send(request, handler) {
      const fail = (error: unknown) =>
        handler.onResponseError(NOTHING, error instanceof Error ? error : new Error(String(error)));
      if (closed) fail(new TransportError('ECONNRESET', 'The transport is closed.'));
      else if (loaded) loaded.send(request, handler);
      else get().then(transport => transport.send(request, handler), fail);
    },
    close: () => end('close'),
    destroy: () => end('destroy'),
  };
}

/** Control of a request that never was under way. */
const NOTHING = { pause() {}, resume() {}, abort() {} };

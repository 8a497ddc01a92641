// The transport over undici's dispatcher: keep-alive pools per origin, no redirects, addresses checked.
import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressCheck } from './address-policy.ts';
import { createCheckedLookup } from './address-policy.ts';
import type { Transport } from './transport.ts';

export interface UndiciTransportOptions {
  readonly checkAddress: AddressCheck;
  /** Longest time to open a connection, milliseconds. */
  readonly connectTimeoutMs: number;
}

export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  const connect = buildConnector({
    timeout: options.connectTimeoutMs,
    lookup: createCheckedLookup(options.checkAddress),
    allowH2: false,
  });
  const agent = new Agent({
    // An address in literal form is not looked up, so it is checked here.
    connect(target, callback) {
      const host = target.hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(host) ? options.checkAddress(host) : undefined;
      if (refusal !== undefined) {
        callback(Object.assign(new Error(`${host}: ${refusal}`), { code: 'EADDRNOTALLOWED' }), null);
        return;
      }
      connect(target, callback);
    },
    pipelining: 1,
    keepAliveTimeout: 4_000,
    // Deadlines are the route's business; undici's own timers would only add to them.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 65_536,
  });
  return {
    send(request, handler) {
      agent.dispatch(request, handler);
    },
    close: () => agent.close(),
    destroy: () => agent.destroy(),
  };
}

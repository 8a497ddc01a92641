// The transport over connections of our own: HTTP/1.1 with keep-alive to plain origins. Requests
// that need TLS go to another transport.

import { CALLER_KEEP_ALIVE_MS, CALLER_MAX_KEEP_ALIVE_MS } from '../../../core/http/keep-alive.ts';
import type { Reuse } from '../../../resources/kinds/calls/connections.ts';
import { type AddressCheck, createCheckedLookup } from '../address-policy.ts';
import type { Transport } from '../transport.ts';
import { TransportError } from '../transport-error.ts';
import type { Connection } from './connection.ts';
import { InFlightExchange } from './in-flight-exchange.ts';
import { Pool, type PoolOptions } from './pool.ts';
import { serializeHead } from './request-head.ts';

export interface Http1TransportOptions {
  readonly checkAddress: AddressCheck;
  /** Longest time to open a connection, milliseconds, for requests that do not say. */
  readonly connectTimeoutMs: number;
  /** Takes the requests to origins of other schemes; ended with this one. */
  readonly secure: Transport;
  /** Most connections to one origin. */
  readonly maxConnections?: number;
  /** For how long a free connection is kept where the other side says nothing, milliseconds. */
  readonly keepMs?: number;
  /**
   * For how long a connection to that host is used at least, however busy it is, and at most
   * twice so long, milliseconds.
   */
  readonly useMs?: (hostname: string) => number;
  /**
   * For how long a connection to that host is tried again that is refused, within its time
   * to connect, milliseconds.
   */
  readonly refusedMs?: (hostname: string) => number;
}

/**
 * A Service shares out connections, not requests: pods that end are left, and such as
 * are new found, by new ones.
 */
const SERVICE_USE_MS = 1_000;
const SERVICE = /\.svc(\.|$)/;

export function useMsOf(hostname: string): number {
  return SERVICE.test(hostname) ? SERVICE_USE_MS : Number.POSITIVE_INFINITY;
}

/** That an instance of a Function answers is known here before it is to all that lead to it. */
const FUNCTION_REFUSED_MS = 3_000;
const FUNCTION = /^fn-[^.]+\.[^.]+\.svc(\.|$)/;

export function refusedMsOf(hostname: string): number {
  return FUNCTION.test(hostname) ? FUNCTION_REFUSED_MS : 0;
}

const SWEEP_MS = 1_000;
const READ_BYTES = 65_536;

interface Origin {
  readonly pool: Pool;
  readonly host: string;
}

export function createHttp1Transport(options: Http1TransportOptions): Transport {
  const { checkAddress, connectTimeoutMs, secure, maxConnections = 10_000, keepMs = CALLER_KEEP_ALIVE_MS } = options;
  const { useMs = useMsOf, refusedMs = refusedMsOf } = options;
  const origins = new Map<string, Origin>();
  let closed = false;

  /**
   * An answer that nobody asked for, or the end of a connection, may wait to be read while its
   * connection is taken. All that has arrived is read before this runs, once per turn of the event
   * loop for all requests of that turn.
   */
  let deferred: { readonly pool: Pool; readonly connection: Connection; readonly exchange: InFlightExchange }[] = [];
  const startDeferred = () => {
    const all = deferred;
    deferred = [];
    for (const { pool, connection, exchange } of all) pool.start(connection, exchange);
  };
  // All sockets read into the same memory, as what is kept of it is copied at once; Windows
  // has a read pending on each.
  const shared = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_BYTES);
  const poolOptions: Omit<PoolOptions, 'useMs' | 'refusedMs'> = {
    checkAddress,
    lookup: createCheckedLookup(checkAddress),
    connectTimeoutMs,
    maxConnections,
    keepMs,
    maxKeepMs: CALLER_MAX_KEEP_ALIVE_MS,
    now: () => performance.now(),
    readBuffer: () => shared ?? Buffer.allocUnsafeSlow(READ_BYTES),
    defer(pool, connection, exchange) {
      if (deferred.push({ pool, connection, exchange }) === 1) setImmediate(startDeferred);
    },
  };

  let sweeper: NodeJS.Timeout | undefined;
  const sweep = () => {
    for (const [name, { pool }] of origins) {
      if (pool.size === 0) origins.delete(name);
      else pool.sweep();
    }
    if (origins.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  };
  /**
   * A caller that must not get bytes that others left on a connection has connections that no such
   * others use.
   */
  const originOf = (address: string, reuse: Reuse = 'always'): Origin | undefined => {
    const name = reuse === 'always' ? address : `${address} ${reuse}`;
    const known = origins.get(name);
    if (known) return known;
    const { protocol, hostname, port, host } = new URL(address);
    if (protocol !== 'http:') return undefined;
    const destination = { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
    const { hostname: to } = destination;
    const made = { pool: new Pool(destination, { ...poolOptions, useMs: useMs(to), refusedMs: refusedMs(to) }), host };
    origins.set(name, made);
    sweeper ??= setInterval(sweep, SWEEP_MS).unref();
    return made;
  };
  const end = async (how: 'close' | 'destroy') => {
    closed = true;
    clearInterval(sweeper);
    await Promise.all([...[...origins.values()].map(({ pool }) => pool[how]()), secure[how]()]);
  };

  return {
    send(request, handler) {
      let exchange: InFlightExchange;
      let origin: Origin | undefined;
      try {
        if (closed) throw new TransportError('ECONNRESET', 'The transport is closed.');
        origin = originOf(request.via ?? request.origin, request.reuse);
        if (!origin) return secure.send(request, handler);
        exchange = new InFlightExchange(
          request,
          serializeHead(request, request.via === undefined ? origin.host : new URL(request.origin).host),
          handler,
        );
      } catch (error) {
        handler.onResponseError(NOTHING, error instanceof Error ? error : new Error(String(error)));
        return;
      }
      origin.pool.send(exchange);
    },
    close: () => end('close'),
    destroy: () => end('destroy'),
  };
}

/** Control of a request that never was under way. */
const NOTHING = { pause() {}, resume() {}, abort() {} };

// The transport over undici's dispatcher: keep-alive pools per origin, no
// redirects, addresses checked.

import { isIP, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, buildConnector } from 'undici';
import { callerConnections } from '../../core/http/keep-alive.ts';
import type { Reuse } from '../../resources/kinds/calls/connections.ts';
import type { AddressCheck } from './address-policy.ts';
import { createCheckedLookup } from './address-policy.ts';
import { lendBody } from './lend-body.ts';
import { isLastOfConnection, type Transport } from './transport.ts';

export interface UndiciTransportOptions {
  readonly checkAddress: AddressCheck;
  /** Longest time to open a connection, milliseconds, for requests that do not say. */
  readonly connectTimeoutMs: number;
}

export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  const common = createAgent(options);
  // Resources name few other times. Pools of their own cost nothing per request, timers would.
  const others = new Map<string, Agent>();
  /**
   * A caller that must not get bytes that others left on a connection has connections that no such
   * others use.
   */
  const agentFor = (connectTimeoutMs = options.connectTimeoutMs, reuse: Reuse = 'always'): Agent => {
    if (connectTimeoutMs === options.connectTimeoutMs && reuse === 'always') return common;
    const key = `${connectTimeoutMs} ${reuse}`;
    const known = others.get(key);
    if (known) return known;
    const made = createAgent({ ...options, connectTimeoutMs });
    others.set(key, made);
    return made;
  };
  const all = () => [common, ...others.values()];
  return {
    send(request, handler) {
      const { body } = request;
      // It destroys the body of a request that it could not send, which can be sent elsewhere.
      const lent = body instanceof Readable ? { ...request, body: lendBody(body) } : request;
      const sent = isLastOfConnection(request) ? { ...lent, reset: true } : lent;
      agentFor(request.connectTimeoutMs, request.reuse).dispatch(sent, handler);
    },
    async close() {
      await Promise.all(all().map(agent => agent.close()));
    },
    async destroy() {
      await Promise.all(all().map(agent => agent.destroy()));
    },
  };
}

function createAgent({ checkAddress, connectTimeoutMs }: UndiciTransportOptions): Agent {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: createCheckedLookup(checkAddress),
    allowH2: false,
  });
  return new Agent({
    // An address in literal form is not looked up, so it is checked here.
    connect(target, callback) {
      const host = target.hostname.replace(/^\[|\]$/g, '');
      const refusal = isIP(host) ? checkAddress(host, host) : undefined;
      if (refusal !== undefined) {
        callback(Object.assign(new Error(`${host}: ${refusal}`), { code: 'EADDRNOTALLOWED' }), null);
        return;
      }
      const socket: unknown = connect(target, (...result) => {
        if (socket instanceof Socket) socket.setTimeout(0).removeListener('timeout', giveUp);
        callback(...result);
      });
      // undici's own timer, which stays as a bound for a peer that drips, is up to a second late.
      if (socket instanceof Socket) socket.setTimeout(connectTimeoutMs).once('timeout', giveUp);
      function giveUp(this: Socket): void {
        this.destroy(Object.assign(new Error(`${host}: no connection in time`), { code: 'UND_ERR_CONNECT_TIMEOUT' }));
      }
    },
    pipelining: 1,
    ...callerConnections,
    // Deadlines are the route's business; undici's own timers would only add to them.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 65_536,
  });
}

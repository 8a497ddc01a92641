// Opens connections, to addresses that the policy allows, within a time that
// includes the look-up of the name.
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { PROBE_AFTER_MS } from '../../../core/http/keep-alive.ts';
import { realWorld } from '../../../core/world.ts';
import type { AddressCheck } from '../address-policy.ts';
import { TransportError } from '../transport-error.ts';

export interface Destination {
  readonly hostname: string;
  readonly port: number;
}

export interface ConnectOptions {
  readonly checkAddress: AddressCheck;
  readonly lookup: LookupFunction;
}

/**
 * `readInto`: where every read of the socket goes, instead of its stream. `done` is
 * called once, never at once.
 */
export function openSocket(
  { hostname, port }: Destination,
  { checkAddress, lookup }: ConnectOptions,
  timeoutMs: number,
  readInto: OnReadOpts | undefined,
  done: (error: Error | undefined, socket: Socket) => void,
): Socket {
  const options: TcpNetConnectOpts = {
    host: hostname,
    port,
    lookup,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
  };
  if (readInto) options.onread = readInto;
  // An address in literal form is not looked up, so it is checked here.
  const refusal = isIP(hostname) ? checkAddress(hostname, hostname) : undefined;
  const socket = refusal === undefined ? connect(options) : refused(options, hostname, refusal);
  const timer = realWorld.after(timeoutMs, () => {
    socket.destroy(new TransportError('ETIMEDOUT', `${hostname}: no connection within ${timeoutMs} ms.`));
  });
  const finish = (error: Error | undefined) => {
    timer.cancel();
    socket.off('connect', onConnect).off('error', finish).off('close', onClose);
    // A socket that never was a connection has no other listener.
    if (error) socket.on('error', () => {});
    done(error, socket);
  };
  const onConnect = () => finish(undefined);
  const onClose = () => finish(new TransportError('ECONNRESET', `${hostname}: closed before it was open.`));
  socket.once('connect', onConnect).once('error', finish).once('close', onClose);
  return socket;
}

function refused(options: TcpNetConnectOpts, hostname: string, why: string): Socket {
  const error = new TransportError('EADDRNOTALLOWED', `${hostname}: ${why}`);
  // A name in place of the address, whose look-up fails: nothing is sent, and the
  // error comes as any other.
  return connect({
    ...options,
    host: 'refused.invalid',
    lookup: (_name, _options, callback) => callback(error, ''),
  });
}

// Opens and closes HTTP servers: clear errors when a port cannot be had, and a close that
// lets answers in flight end.
import type { Server as PlainServer } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { TenfoldError } from '../errors.ts';
import type { Timer, World } from '../world.ts';

type Server = PlainServer | TlsServer;

/**
 * Listens and answers with the address, e.g. `http://127.0.0.1:8080`. Port 0 takes any free one.
 */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(toListenError(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.removeListener('error', onError);
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      const scheme = 'setSecureContext' in server ? 'https' : 'http';
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

/**
 * How often connections that have become idle are looked for while closing: node:http keeps them
 * open after the last answer.
 */
const SWEEP_MS = 20;

/**
 * Takes no new connections, lets answers in flight end for at most `graceMs`, then cuts the rest.
 */
export function closeServer(server: Server, world: World, graceMs: number): Promise<void> {
  return new Promise(resolve => {
    let sweeper: Timer | undefined;
    const cut = world.after(graceMs, () => server.closeAllConnections());
    server.close(() => {
      cut.cancel();
      sweeper?.cancel();
      resolve();
    });
    const sweep = () => {
      server.closeIdleConnections();
      sweeper = world.after(SWEEP_MS, sweep);
    };
    sweep();
  });
}

function toListenError(error: Error, host: string, port: number): Error {
  const options = { cause: error };
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new TenfoldError('conflict', `Port ${port} on ${host} is taken by another process.`, options);
    case 'EACCES':
      return new TenfoldError('forbidden', `Port ${port} on ${host} may not be opened by this user.`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new TenfoldError('conflict', `This machine has no address ${host} to listen on.`, options);
    default:
      return error;
  }
}

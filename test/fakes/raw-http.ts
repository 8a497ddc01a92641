// Sends bytes as they are and gives back what came, for requests that no HTTP client would send.
// How long a server is silent is counted in time in which this process ran, as it runs most of the
// servers too: where the machine is busy, an answer that is late is still waited for.
import { connect } from 'node:net';
import { startSteadyWorld } from './steady-world.ts';

/** What a server may take to its first byte. */
const FIRST_MS = 30_000;

export interface RawAnswer {
  readonly text: string;
  /** Status of each answer on the connection, in order. */
  readonly statuses: readonly number[];
  /** Whether the server ended the connection by itself. */
  readonly closed: boolean;
}

/** Waits until the server ends the connection, or is silent for `quietMs` after its last byte. */
export function sendRaw(address: string, bytes: string, quietMs = 150): Promise<RawAnswer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    let text = '';
    const world = startSteadyWorld();
    let quiet = world.after(FIRST_MS, () => finish(false));
    const finish = (closed: boolean) => {
      world.stop();
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1]));
      resolve({ text, statuses, closed });
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', chunk => {
      text += chunk;
      quiet.cancel();
      quiet = world.after(quietMs, () => finish(false));
    });
    socket.on('end', () => finish(true));
    socket.on('error', error => {
      if (text !== '') return finish(true);
      world.stop();
      reject(error);
    });
  });
}

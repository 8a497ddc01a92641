// Sends bytes as they are and gives back what came, for requests that no HTTP client would send.
import { connect } from 'node:net';

export interface RawAnswer {
  readonly text: string;
  /** Status of each answer on the connection, in order. */
  readonly statuses: readonly number[];
  /** Whether the server ended the connection by itself. */
  readonly closed: boolean;
}

/** Waits until the server ends the connection, or `quietMs` after its last byte. */
export function sendRaw(address: string, bytes: string, quietMs = 150): Promise<RawAnswer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const finish = (closed: boolean) => {
      clearTimeout(quiet);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1]));
      resolve({ text, statuses, closed });
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(bytes, 'latin1'));
    socket.on('data', chunk => {
      text += chunk;
      clearTimeout(quiet);
      quiet = setTimeout(() => finish(false), quietMs);
    });
    socket.on('end', () => finish(true));
    socket.on('error', error => (text === '' ? reject(error) : finish(true)));
    quiet = setTimeout(() => finish(false), 3000);
  });
}

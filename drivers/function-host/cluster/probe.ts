// Whether somebody listens at an address, found out by opening a connection and closing it again.
import { connect } from 'node:net';

export type Probe = (url: string, timeoutMs: number) => Promise<boolean>;

export const probe: Probe = (url, timeoutMs) => {
  const { hostname, port, protocol } = new URL(url);
  return new Promise(resolve => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      timeout: timeoutMs,
    });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
};

// Whether somebody answers at an address: over HTTP where it is known what answers, else by opening
// a connection and closing it again.

import { connect } from 'node:net';
import { nodeHttp } from '../../core/http/node-http.ts';
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';

/**
 * `path`: of its health checks, where it has some. One whose event loop is blocked takes
 * connections, too: the kernel does that.
 */
export type Probe = (url: string, timeoutMs: number, path?: string) => Promise<boolean>;

export const probe: Probe = (url, timeoutMs, path) =>
  path === undefined || !url.startsWith('http:') ? opens(url, timeoutMs) : answers(url, timeoutMs, path);

function opens(url: string, timeoutMs: number): Promise<boolean> {
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
}

function answers(url: string, timeoutMs: number, path: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = nodeHttp().get(withoutTrailingSlashes(url) + path, {
      agent: false,
      headers: { 'user-agent': 'tenfold-probe', connection: 'close' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.once('error', () => resolve(false));
    request.once('response', response => {
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 400);
      request.destroy();
    });
  });
}

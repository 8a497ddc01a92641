// The paths that answer for the process itself and never reach the function.
import type { ServerResponse } from 'node:http';

export type Probe = 'live' | 'ready';

const H = 104;
const R = 114;
const UNDERSCORE = 95;

/**
 * Which probe a URL asks for; those below `/_/` are OpenFaaS'. Looks at one character before
 * anything else: this is on every request.
 */
export function probeOf(url: string): Probe | undefined {
  const first = url.charCodeAt(1);
  if (first !== H && first !== R && first !== UNDERSCORE) return undefined;
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  if (path === '/healthz') return 'live';
  return path === '/readyz' || path === '/_/ready' || path === '/_/health' ? 'ready' : undefined;
}

export function answerProbe(response: ServerResponse, ok: boolean, closing: boolean): void {
  const body = ok ? 'ok\n' : 'shutting down\n';
  const headers = ['content-type', 'text/plain; charset=utf-8', 'cache-control', 'no-store'];
  headers.push('content-length', String(body.length));
  if (closing) headers.push('connection', 'close');
  response.writeHead(ok ? 200 : 503, headers);
  response.end(body);
}

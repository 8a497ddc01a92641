// Which protocol a request asks to change to.
import type { IncomingMessage } from 'node:http';

/** True for a WebSocket handshake (RFC 6455 §4.1) as far as a proxy must know it. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    (headers.connection ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .includes('upgrade')
  );
}

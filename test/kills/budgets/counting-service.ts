// A service with slow work that sees how many callers it has at a time, whatever becomes of those.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingService {
  readonly url: string;
  readonly inFlight: number;
  /** At any time since it was started. */
  readonly most: number;
  /** How many of those had no caller any more. */
  readonly mostLeft: number;
  /** The calls in flight on average since `begin`. */
  readonly average: number;
  begin(): void;
  close(): void;
}

export async function startCountingService(workMs: number): Promise<CountingService> {
  let inFlight = 0;
  let most = 0;
  let left = 0;
  let mostLeft = 0;
  let busy = 0;
  let at = performance.now();
  let since = at;
  const account = () => {
    const now = performance.now();
    busy += inFlight * (now - at);
    at = now;
  };
  const server = createServer((request, response) => {
    account();
    inFlight++;
    if (inFlight > most) [most, mostLeft] = [inFlight, left];
    let isLeft = false;
    response.once('close', () => {
      if (response.writableEnded) return;
      isLeft = true;
      left++;
    });
    request.resume();
    // It works to the end also when nobody waits for it any more.
    setTimeout(() => {
      account();
      inFlight--;
      if (isLeft) left--;
      response.end('done');
    }, workMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get inFlight() {
      return inFlight;
    },
    get most() {
      return most;
    },
    get mostLeft() {
      return mostLeft;
    },
    get average() {
      account();
      return busy / (at - since);
    },
    begin() {
      account();
      busy = 0;
      since = at;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

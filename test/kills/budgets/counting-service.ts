// A service with slow work that sees how many callers it has at a time, whatever becomes of those, and how many begin within a second.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingService {
  readonly url: string;
  readonly inFlight: number;
  /** Since `begin`. */
  readonly most: number;
  /** The most that began within any second, since `begin`. */
  readonly mostStarts: number;
  /** Calls begun, and the calls in flight on average, since `begin`. */
  readonly calls: number;
  readonly average: number;
  begin(): void;
  close(): void;
}

export async function startCountingService(workMs: number): Promise<CountingService> {
  let inFlight = 0;
  let most = 0;
  let busy = 0;
  let at = performance.now();
  let since = at;
  let starts: number[] = [];
  const account = () => {
    const now = performance.now();
    busy += inFlight * (now - at);
    at = now;
  };
  const server = createServer((request, response) => {
    account();
    inFlight++;
    starts.push(at);
    most = Math.max(most, inFlight);
    request.resume();
    // It works to the end also when nobody waits for it any more.
    setTimeout(() => {
      account();
      inFlight--;
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
    get calls() {
      return starts.length;
    },
    get mostStarts() {
      let found = 0;
      let first = 0;
      for (const [index, time] of starts.entries()) {
        while ((starts[first] ?? 0) <= time - 1000) first++;
        found = Math.max(found, index - first + 1);
      }
      return found;
    },
    get average() {
      account();
      return busy / (at - since);
    },
    begin() {
      account();
      busy = 0;
      most = inFlight;
      since = at;
      starts = [];
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

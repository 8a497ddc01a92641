// A function behind an address that takes its time, and tells when it is called; in
// the process that measures.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlowFunction {
  readonly url: string;
  /**
   * Told of each call as it begins: the id of its event, and when, in the
   * milliseconds of `performance.now()`.
   */
  onCall: (id: string, at: number) => void;
  /** Calls that were answered. */
  readonly answered: number;
  /** In flight at the same time, at most, since `forget`. */
  readonly most: number;
  forget(): void;
  close(): void;
}

export async function startSlowFunction(workMs: number): Promise<SlowFunction> {
  let answered = 0;
  let inFlight = 0;
  let most = 0;
  const server = createServer((request, response) => {
    inFlight++;
    most = Math.max(most, inFlight);
    found.onCall(String(request.headers['ce-id']), performance.now());
    request.resume();
    const answer = () => {
      inFlight--;
      answered++;
      response.writeHead(204).end();
    };
    if (workMs === 0) answer();
    else setTimeout(answer, workMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const found: SlowFunction = {
    url: `http://127.0.0.1:${port}`,
    onCall() {},
    get answered() {
      return answered;
    },
    get most() {
      return most;
    },
    forget() {
      most = inFlight;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return found;
}

// The function that a backlog goes to: away, slow or quick, with keys that fail. It knows each
// key's events by their numbers, from 0 on, and checks that they come in order.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type CallLimiter = 'away' | 'slow' | 'quick';

export interface NumberedFunction {
  readonly url: string;
  pace: CallLimiter;
  /** Events of these keys fail, at whatever pace. */
  readonly failing: Set<string>;
  /** Calls for the key are answered when that is let go again, by what this returns. */
  hold(key: string): () => void;
  /** Of all keys, each once. */
  readonly handled: number;
  readonly repeats: number;
  /** Calls that failed. */
  readonly failed: number;
  /** What came before one that is before it in its key. */
  readonly wrong: readonly string[];
  /** How many of the key were handled. */
  of(key: string): number;
  close(): void;
}

const SLOW_MS = 100;

/** Ids of its events are `key:number`. */
export async function startNumberedFunction(): Promise<NumberedFunction> {
  const next = new Map<string, number>();
  const wrong: string[] = [];
  const failing = new Set<string>();
  const held = new Map<string, (() => void)[]>();
  let [handled, repeats, failed] = [0, 0, 0];
  let pace: CallLimiter = 'quick';

  const answer = (id: string, response: ServerResponse) => {
    const [key = '', number = ''] = id.split(':');
    const expected = next.get(key) ?? 0;
    if (Number(number) > expected) wrong.push(`${id} comes before ${key}:${expected}`);
    if (failing.has(key)) {
      failed++;
      response.writeHead(503).end();
      return;
    }
    if (Number(number) < expected) repeats++;
    else {
      next.set(key, expected + 1);
      handled++;
    }
    response.writeHead(204).end();
  };

  const server = createServer((request, response) => {
    const id = String(request.headers['ce-id']);
    request.resume();
    request.once('end', () => {
      const waiting = held.get(id.split(':')[0] ?? '');
      if (waiting) waiting.push(() => answer(id, response));
      else if (pace === 'away') {
        failed++;
        // Of a request that was read to its end, its own `destroy` would leave the caller to wait.
        request.socket.destroy();
      } else if (pace === 'slow') setTimeout(answer, SLOW_MS, id, response);
      else answer(id, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get pace() {
      return pace;
    },
    set pace(to) {
      pace = to;
    },
    failing,
    hold(key) {
      held.set(key, []);
      return () => {
        const waiting = held.get(key) ?? [];
        held.delete(key);
        for (const go of waiting) go();
      };
    },
    get handled() {
      return handled;
    },
    get repeats() {
      return repeats;
    },
    get failed() {
      return failed;
    },
    wrong,
    of: key => next.get(key) ?? 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

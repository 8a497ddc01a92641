// Sends requests at a fixed rate until it is stopped. It records of each when it was due, how long
// it took, and which plan answered it.
import { connect, type Socket } from 'node:net';

export interface Observation {
  /** When it was due, milliseconds of performance.now. */
  readonly at: number;
  readonly tookMs: number;
  /**
   * Value of the answer's `x-plan`; undefined when it failed: any status but
   * 200, a cut, or no connection.
   */
  readonly plan: string | undefined;
}

export interface ObserverOptions {
  readonly port: number;
  readonly perSecond: number;
  readonly connections: number;
  /** Taken in turn. */
  readonly requests: readonly Buffer[];
}

export interface Observer {
  readonly observations: readonly Observation[];
  /** Sends nothing more, waits for what is under way. */
  stop(): Promise<void>;
}

const END = '\r\n\r\n';

export function observe({ port, perSecond, connections, requests }: ObserverOptions): Observer {
  const observations: Observation[] = [];
  const idle: Client[] = [];
  const waiting: number[] = [];
  let sent = 0;
  let stopped = false;

  interface Client {
    readonly socket: Socket;
    /** Undefined while nothing is under way. */
    dueAt: number | undefined;
  }
  const next = (client: Client, due: number | undefined) => {
    client.dueAt = due;
    if (due === undefined) idle.push(client);
    else client.socket.write(requests[sent++ % requests.length] ?? '');
  };
  const open = () => {
    const client: Client = { socket: connect({ port, host: '127.0.0.1', noDelay: true }), dueAt: undefined };
    let received = '';
    const done = (plan: string | undefined) => {
      const at = client.dueAt ?? performance.now();
      observations.push({ at, tookMs: performance.now() - at, plan });
    };
    client.socket.on('connect', () => next(client, waiting.shift()));
    client.socket.on('data', chunk => {
      received += chunk.toString('latin1');
      const head = received.indexOf(END);
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? Number.NaN);
      if (!(received.length >= head + END.length + length)) return;
      done(received.startsWith('HTTP/1.1 200') ? /x-plan: (\S+)/i.exec(received)?.[1] : undefined);
      received = '';
      next(client, waiting.shift());
    });
    client.socket.on('error', () => {});
    client.socket.on('close', () => {
      if (stopped) return;
      // Whether or not a request was under way: a gateway must not cut connections either.
      done(undefined);
      const index = idle.indexOf(client);
      if (index !== -1) idle.splice(index, 1);
      setTimeout(open, 10);
    });
  };
  for (let index = 0; index < connections; index++) open();

  const began = performance.now();
  let due = 0;
  const clock = setInterval(() => {
    for (const now = performance.now(); began + (due * 1000) / perSecond <= now; due++) {
      const at = began + (due * 1000) / perSecond;
      const client = idle.pop();
      if (client) next(client, at);
      else waiting.push(at);
    }
  }, 1);
  return {
    observations,
    async stop() {
      clearInterval(clock);
      const limit = performance.now() + 5_000;
      while (observations.length < due && performance.now() < limit)
        await new Promise(resolve => setTimeout(resolve, 5));
      // Missing answers count as failed.
      for (let missing = due - observations.length; missing > 0; missing--)
        observations.push({ at: performance.now(), tookMs: Number.POSITIVE_INFINITY, plan: undefined });
      stopped = true;
    },
  };
}

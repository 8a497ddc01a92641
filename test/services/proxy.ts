// A TCP proxy that can be turned to another server, keep answers back, slow down, and cut
// connections: what networks and failovers do.
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Connections from now on lead there. */
  lead(port: number): void;
  /** The same, and those that are open are cut. */
  turnTo(port: number): void;
  /** What is sent still arrives, but no answer comes back. */
  keepAnswers(keep: boolean): void;
  /** Connections that are open lead nowhere any more, without a word to either side. */
  swallow(): void;
  /** What arrives from now on goes on so much later, in both directions. */
  slowDown(byMs: number): void;
  /** Connections are cut, and those that are made are closed at once. */
  refuse(refuses: boolean): void;
  /** Resolves when something was sent to the server. */
  sent(): Promise<void>;
  /** Resolves when an answer was kept back. */
  kept(): Promise<void>;
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(target: number): Promise<TcpProxy> {
  let to = target;
  let keeping = false;
  let refusing = false;
  let delayMs = 0;
  let onSent: (() => void)[] = [];
  let onKept: (() => void)[] = [];
  const sockets = new Set<Socket>();
  let generation = 0;
  const server = createServer(client => {
    if (refusing) return void client.destroy();
    const born = generation;
    const upstream = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const [there, back] = [inOrder(() => delayMs), inOrder(() => delayMs)];
    client.on('data', data =>
      there(() => {
        if (born !== generation) return;
        upstream.write(data, () => {
          for (const tell of onSent) tell();
          onSent = [];
        });
      }),
    );
    upstream.on('data', data =>
      back(() => {
        if (keeping) {
          for (const tell of onKept) tell();
          onKept = [];
        } else if (born === generation) client.write(data);
      }),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    lead(port) {
      to = port;
    },
    turnTo(port) {
      to = port;
      cut();
    },
    swallow() {
      generation++;
    },
    slowDown(byMs) {
      delayMs = byMs;
    },
    refuse(refuses) {
      refusing = refuses;
      if (refuses) cut();
    },
    keepAnswers(keep) {
      keeping = keep;
    },
    sent: () => new Promise(resolve => onSent.push(resolve)),
    kept: () => new Promise(resolve => onKept.push(resolve)),
    async close() {
      cut();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/**
 * Runs what it is given one after the other, each so much later as is asked for when it comes; at
 * once where nothing is before it.
 */
function inOrder(delayMs: () => number): (run: () => void) => void {
  let waiting = 0;
  let last = Promise.resolve();
  return run => {
    const ms = delayMs();
    if (waiting === 0 && ms === 0) return run();
    waiting++;
    const due = new Promise<void>(resolve => setTimeout(resolve, ms));
    last = last
      .then(() => due)
      .then(() => {
        waiting--;
        run();
      });
  };
}

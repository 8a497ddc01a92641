// Sends requests at a fixed rate, whatever comes back, and measures each from the moment
// at which it was to be sent.
import { connect, type Socket } from 'node:net';

export interface PacedOptions {
  readonly port: number;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly request: Buffer;
}

const CONNECTIONS = 64;
/** The answers of a side, head and body, are the same each time; the end of one is told by this. */
const BODY_END = Buffer.from('}');

/** Milliseconds of each answer. Rejects on anything but 200, and when the server cannot keep up. */
export async function paced({ port, perSecond, durationMs, request }: PacedOptions): Promise<number[]> {
  const idle: Socket[] = [];
  const waiting: number[] = [];
  const latencies: number[] = [];
  const failed = Promise.withResolvers<never>();
  const sockets = Array.from({ length: CONNECTIONS }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  const due = new Map<Socket, number>();
  const send = (socket: Socket, at: number) => {
    due.set(socket, at);
    socket.write(request);
  };
  for (const socket of sockets) {
    socket.on('data', chunk => {
      if (!chunk.subarray(-1).equals(BODY_END)) return;
      latencies.push(performance.now() - (due.get(socket) ?? 0));
      const next = waiting.shift();
      if (next === undefined) idle.push(socket);
      else send(socket, next);
    });
    socket.on('error', failed.reject);
    socket.on('connect', () => idle.push(socket));
  }
  const drive = async () => {
    while (idle.length < CONNECTIONS) await turn();
    const began = performance.now();
    const total = Math.floor((perSecond * durationMs) / 1000);
    for (let sent = 0; sent < total; await turn()) {
      const now = performance.now();
      for (; sent < total && began + (sent * 1000) / perSecond <= now; sent++) {
        const socket = idle.pop();
        if (socket) send(socket, now);
        else waiting.push(now);
      }
    }
    while (latencies.length < total) await turn();
  };
  try {
    await Promise.race([drive(), failed.promise]);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return latencies.sort((one, other) => one - other);
}

/** A loop that never sleeps would take the core from the sides behind the gateway. */
function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1));
}

// The port at which debuggers find one function, whichever of its processes runs: connections go on
// to the newest one.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { PauseReader } from './pause-reader.ts';

const LOOPBACK = '127.0.0.1';

interface DebugPortListener {
  /** Whether a debugger holds one of its processes has changed. */
  changed(): void;
  /** A debugger has paused a process for the first time since it was attached. */
  firstPause(): void;
}

/** A process that listens for debuggers. */
export interface DebugSeat {
  /** The process is about to end, or has: its debuggers are let go. */
  leave(): void;
}

interface Attached {
  readonly seat: DebugSeat;
  readonly reader: PauseReader;
  end(): void;
}

export class DebugPort {
  readonly #listener: DebugPortListener;
  readonly #server: Server;
  /** The ports of its processes, the newest last. */
  readonly #seats = new Map<DebugSeat, number>();
  readonly #attached = new Set<Attached>();
  /** Debuggers that came before any process: one is about to start. */
  readonly #waiting = new Set<Socket>();

  constructor(listener: DebugPortListener) {
    this.#listener = listener;
    this.#server = createServer(client => this.#accept(client)).unref();
  }

  get isPaused(): boolean {
    return [...this.#attached].some(({ reader }) => reader.paused);
  }

  /** Resolves with the address. */
  async open(port: number): Promise<string> {
    this.#server.listen(port, LOOPBACK);
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `${LOOPBACK}:${typeof address === 'object' && address !== null ? address.port : port}`;
  }

  /** `port`: at which the process itself listens. */
  seat(port: number): DebugSeat {
    const seat: DebugSeat = {
      leave: () => {
        this.#seats.delete(seat);
        for (const one of this.#attached) if (one.seat === seat) one.end();
      },
    };
    this.#seats.set(seat, port);
    for (const client of this.#waiting) this.#accept(client);
    this.#waiting.clear();
    return seat;
  }

  close(): void {
    this.#server.close();
    for (const client of this.#waiting) client.destroy();
    for (const one of this.#attached) one.end();
  }

  #accept(client: Socket): void {
    const [seat, port] = [...this.#seats].at(-1) ?? [];
    if (seat === undefined || port === undefined) {
      this.#wait(client);
      return;
    }
    const process = connect(port, LOOPBACK);
    const reader = new PauseReader();
    let hasPaused = false;
    const attached: Attached = {
      seat,
      reader,
      end: () => {
        client.destroy();
        process.destroy();
        if (this.#attached.delete(attached) && reader.paused) this.#listener.changed();
      },
    };
    this.#attached.add(attached);
    process.on('data', chunk => {
      const before = reader.paused;
      reader.push(chunk);
      if (reader.paused === before) return;
      this.#listener.changed();
      if (!hasPaused) this.#listener.firstPause();
      hasPaused = true;
    });
    for (const socket of [client, process]) socket.on('error', attached.end).on('close', attached.end);
    client.pipe(process).pipe(client);
  }

  #wait(client: Socket): void {
    this.#waiting.add(client);
    client.on('error', () => {}).on('close', () => this.#waiting.delete(client));
  }
}

// One connection to a broker: opened, authenticated, and then a pipeline of requests, each answered
// within its time or the connection is given up.

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { PROBE_AFTER_MS } from '../../../../core/http/keep-alive.ts';
import type { World } from '../../../../core/world.ts';
import type { Loss } from '../counts.ts';
import { FAULT, KafkaFault } from '../kafka-error.ts';
import { WireWriter } from '../wire/bytes.ts';
import type { KafkaRequest } from '../wire/request.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { KafkaConnection } from './connection-options.ts';
import { authenticate } from './sasl.ts';
import { checkVersions } from './versions.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Waiting {
  settle(answer: Buffer): void;
  fail(error: Error): void;
}

/** Largest answer that is taken, bytes; more is no Kafka. */
const MAX_ANSWER = 512 << 20;

/**
 * Fails when it is not open and authenticated within `timeoutMs`. `lost`: called once if it
 * ends other than by `close`.
 */
export async function openConnection(
  world: World,
  endpoint: Endpoint,
  options: KafkaConnection,
  timeoutMs: number,
  lost: (loss: Loss) => void = () => {},
): Promise<BrokerConnection> {
  const at = `${endpoint.host}:${endpoint.port}`;
  const socket = socketTo(endpoint, options);
  const connection = new Pipeline(world, socket, at, options.clientId ?? 'tenfold');
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = world.after(timeoutMs, () =>
        connection.fail(`${at} could not be connected to within ${timeoutMs} ms`),
      );
      connection.onFail = error => {
        timer.cancel();
        reject(error);
      };
      socket.once(options.tls ? 'secureConnect' : 'connect', () => {
        timer.cancel();
        resolve();
      });
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    await checkVersions(connection, at, timeoutMs);
    if (options.sasl) {
      const lifeMs = await authenticate(connection, options.sasl, world, timeoutMs);
      // Soon enough that what is under way then still ends on it.
      if (lifeMs > 0) connection.expiresAt = world.monotonic() + lifeMs * 0.7;
    }
    connection.onFail = (_, loss) => lost(loss);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function socketTo({ host, port }: Endpoint, { tls }: KafkaConnection): Socket {
  if (!tls) return connectTcp({ host, port });
  const { ca, cert, key, servername } = tls === true ? {} : tls;
  return connectTls({
    host,
    port,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  });
}

class Pipeline implements BrokerConnection {
  readonly #world: World;
  readonly #socket: Socket;
  readonly #at: string;
  readonly #clientId: string;
  readonly #waiting = new Map<number, Waiting>();
  #correlation = 0;
  #parts: Buffer[] = [];
  #received = 0;
  /** Bytes that there must be before anything can be read. */
  #needed = 4;
  #failure: KafkaFault | undefined;
  expiresAt = Number.POSITIVE_INFINITY;
  onFail: ((error: Error, loss: Loss) => void) | undefined;

  constructor(world: World, socket: Socket, at: string, clientId: string) {
    this.#world = world;
    this.#socket = socket;
    this.#at = at;
    this.#clientId = clientId;
    socket.on('data', data => this.#receive(data));
    socket.on('error', error => this.fail(`${at}: ${error.message || String(error)}`));
    socket.on('close', () => this.fail(`the connection to ${at} was closed`));
  }

  get pending(): number {
    return this.#waiting.size;
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  async send<Answer>(request: KafkaRequest<Answer>, timeoutMs: number): Promise<Answer> {
    const encoded = request.encode();
    const body = Buffer.isBuffer(encoded) ? encoded : await encoded;
    if (this.#failure) throw this.#failure;
    const answer = await new Promise<Buffer>((resolve, reject) => {
      this.#correlation = (this.#correlation + 1) & 0x7fffffff;
      const id = this.#correlation;
      const timer = this.#world.after(timeoutMs, () =>
        this.fail(`${this.#at} has not answered within ${timeoutMs} ms`, 'silent'),
      );
      this.#waiting.set(id, {
        settle(payload) {
          timer.cancel();
          resolve(payload);
        },
        fail(error) {
          timer.cancel();
          reject(error);
        },
      });
      this.#write(request, id, body);
    });
    // The id that comes first was read; tags follow in newer versions.
    return request.decode(answer.subarray(request.flexible ? 5 : 4));
  }

  /** Rejects all waiting requests. */
  fail(why: string, loss: Loss = this.#waiting.size > 0 ? 'cut' : 'idle'): void {
    if (this.#failure) return;
    const failure = new KafkaFault(FAULT.connection, why);
    this.#failure = failure;
    this.#socket.destroy();
    this.#parts = [];
    for (const each of this.#waiting.values()) each.fail(failure);
    this.#waiting.clear();
    this.onFail?.(failure, loss);
  }

  close(): void {
    this.onFail = undefined;
    this.fail(`the connection to ${this.#at} was ended here`);
  }

  #write({ apiKey, apiVersion, flexible }: KafkaRequest<unknown>, id: number, body: Buffer): void {
    const header = new WireWriter(64).i32(0).i16(apiKey).i16(apiVersion).i32(id).string(this.#clientId);
    if (flexible) header.uvarint(0);
    header.i32At(0, header.length - 4 + body.length);
    this.#socket.cork();
    this.#socket.write(header.bytes);
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #receive(data: Buffer): void {
    this.#parts.push(data);
    this.#received += data.length;
    if (this.#received < this.#needed) return;
    let all = this.#parts.length === 1 ? data : Buffer.concat(this.#parts, this.#received);
    for (;;) {
      if (all.length < 4) {
        this.#needed = 4;
        break;
      }
      const size = all.readInt32BE(0);
      if (size < 4 || size > MAX_ANSWER) {
        this.fail(`${this.#at} does not speak Kafka's protocol`);
        return;
      }
      if (all.length < size + 4) {
        this.#needed = size + 4;
        break;
      }
      const id = all.readInt32BE(4);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.settle(all.subarray(4, size + 4));
      all = all.subarray(size + 4);
    }
    if (this.#failure) return;
    this.#parts = all.length === 0 ? [] : [all];
    this.#received = all.length;
  }
}

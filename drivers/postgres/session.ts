// One connection to a Postgres of somebody else. It asks one statement after the other, and ends
// with its signal, whatever goes on.
import { type LookupFunction, Socket } from 'node:net';
import type { Client } from 'pg';
import { TenfoldError } from '../../core/errors.ts';
import { loadOptional } from '../../core/packages/optional-package.ts';
import type { ConnectionSettings } from './connection-settings.ts';

export interface SessionOptions {
  readonly connection: ConnectionSettings;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Finds addresses that the platform may connect to. */
  readonly lookup: LookupFunction;
  /** Throws for an address that it may not connect to. */
  readonly assertAddress: (host: string) => void;
  /** Ends all that goes on. */
  readonly signal: AbortSignal;
}

/** `use`: what the connection is for, as it begins a sentence. */
export async function openSession(options: SessionOptions, use: string): Promise<Session> {
  const { connection, connectTimeoutMs, statementTimeoutMs, signal } = options;
  options.assertAddress(connection.host);
  const { Client: PgClient } = await loadOptional('pg', use, () => import('pg'));
  const client = new PgClient({
    host: connection.host,
    port: connection.port,
    user: connection.user,
    // As a function, so that neither the environment nor a file of the machine stands in for it.
    password: () => connection.password,
    database: connection.database,
    ssl: connection.ssl,
    connectionTimeoutMillis: connectTimeoutMs,
    // Postgres ends a statement itself; this is for one that no longer answers.
    query_timeout: statementTimeoutMs + connectTimeoutMs,
    keepAlive: true,
    application_name: 'tenfold',
    stream: () => checkedSocket(options.lookup),
  });
  const session = new Session(client, signal);
  try {
    signal.throwIfAborted();
    await client.connect();
    return session;
  } catch (error) {
    await session.close();
    throw failureOf(error, connection);
  }
}

/** The client gives the name of the host; a name leads to no address that is forbidden. */
function checkedSocket(lookup: LookupFunction): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  const connectChecked = (port: number, host: string) => connect({ port, host, lookup });
  return Object.assign(socket, { connect: connectChecked });
}

export class Session {
  readonly #client: Client;
  readonly #signal: AbortSignal;
  readonly #ended: Promise<never>;
  readonly #end: () => void;
  #heard: () => void = () => {};

  constructor(client: Client, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    const lost = Promise.withResolvers<never>();
    this.#ended = lost.promise;
    lost.promise.catch(() => undefined);
    const end = () => lost.reject(signal.reason ?? new Error('The connection has ended.'));
    this.#end = end;
    signal.addEventListener('abort', end, { once: true });
    client.on('error', lost.reject);
    client.on('end', end);
    client.on('notification', () => this.#heard());
  }

  /** Rows as lists of values. */
  async ask(text: string, values: readonly unknown[]): Promise<readonly (readonly unknown[])[]> {
    const asked = this.#client.query({ text, values, rowMode: 'array' });
    asked.catch(() => undefined);
    return (await Promise.race([asked, this.#ended])).rows;
  }

  /** Several statements, divided by ";", without values. */
  async run(text: string): Promise<void> {
    const asked = this.#client.query(text);
    asked.catch(() => undefined);
    await Promise.race([asked, this.#ended]);
  }

  /** Calls `heard` with each notification of a channel. */
  listen(heard: () => void): void {
    this.#heard = heard;
  }

  /** A transaction that is open ends with the connection. */
  async close(): Promise<void> {
    this.#end();
    this.#signal.removeEventListener('abort', this.#end);
    const client = this.#client;
    client.removeAllListeners('notification');
    const ended = client.end().catch(() => undefined);
    const socket = 'connection' in client ? client.connection : undefined;
    if (isEnding(socket)) socket.stream.destroy();
    await ended;
  }
}

function isEnding(value: unknown): value is { readonly stream: Socket } {
  return typeof value === 'object' && value !== null && 'stream' in value && value.stream instanceof Socket;
}

/** The code that Postgres gives an error (SQLSTATE); empty for others. */
export function stateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** SQLSTATE classes of what an operator has to mend: names, rights, credentials, types. */
const TO_MEND = /^(28|3D|3F|42|22)/;

export function failureOf(error: unknown, { shown }: Pick<ConnectionSettings, 'shown'>): Error {
  if (error instanceof TenfoldError) return error;
  const code = stateOf(error);
  const why = error instanceof Error && error.message !== '' ? error.message : code || String(error);
  if (TO_MEND.test(code)) {
    return new TenfoldError('storage-unusable', `The database ${shown} refuses it: ${why}.`, { cause: error });
  }
  return new TenfoldError('bad-gateway', `The database ${shown} cannot be used: ${why}.`, { cause: error });
}

export function unusable(message: string): TenfoldError {
  return new TenfoldError('storage-unusable', message);
}

// An outbox table in Postgres. One transaction takes the lock of the table, reads rows, waits until
// they are durable elsewhere, and removes or marks them.
import { type LookupFunction, Socket } from 'node:net';
import type { Client } from 'pg';
import { TenfoldError } from '../../../core/errors.ts';
import { loadOptional } from '../../../core/packages/optional-package.ts';
import type { OutboxLook, OutboxRead, OutboxReader, OutboxRow } from '../outbox.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { describeTable, type OutboxTable, quotedName, type Statements, statementsOf } from './statements.ts';

export interface PostgresOutboxOptions extends OutboxTable {
  readonly connection: ConnectionSettings;
  readonly channel: string | undefined;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Finds addresses that the platform may connect to. */
  readonly lookup: LookupFunction;
  /** Throws for an address that it may not connect to. */
  readonly assertAddress: (host: string) => void;
  /** Ends all that goes on. */
  readonly signal: AbortSignal;
}

/** The first number of all locks of the platform in a database; the second is that of the table. */
const LOCK = 1_413_829_460;
/** Postgres ends a transaction whose reader says nothing for so long; no append takes longer. */
const IDLE = '120s';

export async function openPostgresOutbox(options: PostgresOutboxOptions): Promise<OutboxReader> {
  const { connection, connectTimeoutMs, statementTimeoutMs, signal } = options;
  options.assertAddress(connection.host);
  const { Client: PgClient } = await loadOptional('pg', 'An outbox table in Postgres', () => import('pg'));
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
  const opened = new PostgresOutbox(client, options);
  try {
    signal.throwIfAborted();
    await client.connect();
    await opened.prepare();
    return opened;
  } catch (error) {
    await opened.close();
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

class PostgresOutbox implements OutboxReader {
  readonly #client: Client;
  readonly #options: PostgresOutboxOptions;
  readonly #begin: string;
  readonly #ended: Promise<never>;
  readonly #end: () => void;
  #statements: Statements | undefined;
  #heard: () => void = () => {};

  constructor(client: Client, options: PostgresOutboxOptions) {
    this.#client = client;
    this.#options = options;
    const { statementTimeoutMs: ms } = options;
    this.#begin =
      `BEGIN; SET LOCAL statement_timeout = ${ms}; SET LOCAL lock_timeout = ${ms}; ` +
      `SET LOCAL idle_in_transaction_session_timeout = '${IDLE}'; SET LOCAL TimeZone = 'UTC'`;
    const lost = Promise.withResolvers<never>();
    this.#ended = lost.promise;
    lost.promise.catch(() => undefined);
    const end = () => lost.reject(options.signal.reason ?? new Error('The connection has ended.'));
    this.#end = end;
    options.signal.addEventListener('abort', end, { once: true });
    client.on('error', lost.reject);
    client.on('end', end);
    client.on('notification', () => this.#heard());
  }

  async prepare(): Promise<void> {
    const { table, columns, channel } = this.#options;
    const known = (await this.#ask(describeTable(table), [])).map(([name, type, isUnique, isNeeded]) => {
      return { name: String(name), type: String(type), isUnique: isUnique === true, isNeeded: isNeeded === true };
    });
    if (known.length === 0) throw unusable(`There is no table "${table}" that the user may see.`);
    for (const name of Object.values(columns)) {
      if (name === undefined || known.some(column => column.name === name)) continue;
      const all = known.map(column => column.name).join(', ');
      throw unusable(`The table "${table}" has no column "${name}". Its columns are ${all}.`);
    }
    const id = known.find(({ name }) => name === columns.id);
    if (!id?.isUnique) {
      const create = `CREATE UNIQUE INDEX ON ${table} (${columns.id})`;
      throw unusable(`Two rows of the table "${table}" may have the same "${columns.id}". Forbid that: ${create}.`);
    }
    if (!id.isNeeded) {
      const alter = `ALTER TABLE ${table} ALTER COLUMN ${columns.id} SET NOT NULL`;
      throw unusable(`A row of the table "${table}" may have no "${columns.id}". Forbid that: ${alter}.`);
    }
    this.#statements = statementsOf({ table, columns }, id.type);
    if (channel !== undefined) await this.#ask(`LISTEN ${quotedName(channel)}`, []);
  }

  async read(
    { most, bytes, rowBytes, without }: OutboxLook,
    hand: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ): Promise<OutboxRead | undefined> {
    const { lock, next, done } = this.#known();
    const { table } = this.#options;
    let isHanding = false;
    try {
      await this.#run(this.#begin);
      const [[isThere, isMine] = []] = await this.#ask(lock, [LOCK]);
      if (isThere !== true) throw unusable(`There is no table "${table}" that the user may see.`);
      if (isMine !== true) {
        await this.#run('ROLLBACK');
        return undefined;
      }
      const found = await this.#ask(next, [most, bytes, rowBytes, without]);
      const rows = found.map(values => this.#toRow(values));
      isHanding = true;
      const ids = rows.length === 0 ? [] : await hand(rows);
      isHanding = false;
      if (ids.length > 0) await this.#ask(done, [ids]);
      await this.#run('COMMIT');
      const ages = found.flatMap(values => (typeof values[7] === 'number' ? [values[7]] : []));
      const used = rows.reduce((sum, row) => sum + Math.min(row.bytes, rowBytes), 0);
      return {
        rows: rows.length,
        isFull: rows.length === most || used >= bytes,
        ageMs: ages.length === 0 ? undefined : Math.max(0, ...ages),
      };
    } catch (error) {
      throw isHanding ? error : failureOf(error, this.#options.connection);
    }
  }

  async waiting(most: number): Promise<number> {
    try {
      const [[count] = []] = await this.#ask(this.#known().waiting, [most]);
      return Number(count);
    } catch (error) {
      throw failureOf(error, this.#options.connection);
    }
  }

  listen(heard: () => void): void {
    this.#heard = heard;
  }

  /** A transaction that is open ends with the connection. */
  async close(): Promise<void> {
    this.#end();
    this.#options.signal.removeEventListener('abort', this.#end);
    const client = this.#client;
    client.removeAllListeners('notification');
    const ended = client.end().catch(() => undefined);
    const socket = 'connection' in client ? client.connection : undefined;
    if (isEnding(socket)) socket.stream.destroy();
    await ended;
  }

  #known(): Statements {
    if (this.#statements) return this.#statements;
    throw unusable('The outbox has not been looked at.');
  }

  async #ask(text: string, values: readonly unknown[]): Promise<readonly (readonly unknown[])[]> {
    const asked = this.#client.query({ text, values, rowMode: 'array' });
    asked.catch(() => undefined);
    return (await Promise.race([asked, this.#ended])).rows;
  }

  async #run(text: string): Promise<void> {
    const asked = this.#client.query(text);
    asked.catch(() => undefined);
    await Promise.race([asked, this.#ended]);
  }

  #toRow([id, key, type, subject, ms, data, size]: readonly unknown[]): OutboxRow {
    const { columns } = this.#options;
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const time = typeof ms === 'number' ? ms : null;
    return {
      id: String(id),
      key: columns.key === undefined ? undefined : text(key),
      type: columns.type === undefined ? undefined : text(type),
      subject: columns.subject === undefined ? undefined : text(subject),
      time: columns.time === undefined ? undefined : time,
      data: text(data),
      bytes: Number(size),
    };
  }
}

function isEnding(value: unknown): value is { readonly stream: Socket } {
  return typeof value === 'object' && value !== null && 'stream' in value && value.stream instanceof Socket;
}

/** SQLSTATE classes of what an operator has to mend: names, rights, credentials, types. */
const TO_MEND = /^(28|3D|42|22)/;

function failureOf(error: unknown, { shown }: ConnectionSettings): Error {
  if (error instanceof TenfoldError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = error instanceof Error && error.message !== '' ? error.message : code || String(error);
  if (TO_MEND.test(code))
    return new TenfoldError('storage-unusable', `The database ${shown} refuses it: ${why}.`, { cause: error });
  return new TenfoldError('bad-gateway', `The database ${shown} cannot be used: ${why}.`, { cause: error });
}

function unusable(message: string): TenfoldError {
  return new TenfoldError('storage-unusable', message);
}

// An outbox table in Postgres. One transaction takes the lock of the table, reads rows, waits until
// they are durable elsewhere, and removes or marks them.
import { quotedName } from '../../postgres/names.ts';
import { failureOf, openSession, type Session, type SessionOptions, unusable } from '../../postgres/session.ts';
import type { OutboxLook, OutboxRead, OutboxReader, OutboxRow } from '../outbox.ts';
import { describeTable, type OutboxTable, type Statements, statementsOf } from './statements.ts';

export interface PostgresOutboxOptions extends OutboxTable, SessionOptions {
  readonly channel: string | undefined;
}

/** The first number of all locks of the platform in a database; the second is that of the table. */
const LOCK = 1_413_829_460;
/** Postgres ends a transaction whose reader says nothing for so long; no append takes longer. */
const IDLE = '120s';

export async function openPostgresOutbox(options: PostgresOutboxOptions): Promise<OutboxReader> {
  const session = await openSession(options, 'An outbox table in Postgres');
  const opened = new PostgresOutbox(session, options);
  try {
    await opened.prepare();
    return opened;
  } catch (error) {
    await opened.close();
    throw failureOf(error, options.connection);
  }
}

class PostgresOutbox implements OutboxReader {
  readonly #session: Session;
  readonly #options: PostgresOutboxOptions;
  readonly #begin: string;
  #statements: Statements | undefined;

  constructor(session: Session, options: PostgresOutboxOptions) {
    this.#session = session;
    this.#options = options;
    const { statementTimeoutMs: ms } = options;
    this.#begin =
      `BEGIN; SET LOCAL statement_timeout = ${ms}; SET LOCAL lock_timeout = ${ms}; ` +
      `SET LOCAL idle_in_transaction_session_timeout = '${IDLE}'; SET LOCAL TimeZone = 'UTC'`;
  }

  async prepare(): Promise<void> {
    const { table, columns, channel } = this.#options;
    const known = (await this.#session.ask(describeTable(table), [])).map(([name, type, isUnique, isNeeded]) => {
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
    if (channel !== undefined) await this.#session.ask(`LISTEN ${quotedName(channel)}`, []);
  }

  async read(
    { most, bytes, rowBytes, without }: OutboxLook,
    hand: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ): Promise<OutboxRead | undefined> {
    const { lock, next, done } = this.#known();
    const { table } = this.#options;
    let isHanding = false;
    try {
      await this.#session.run(this.#begin);
      const [[isThere, isMine] = []] = await this.#session.ask(lock, [LOCK]);
      if (isThere !== true) throw unusable(`There is no table "${table}" that the user may see.`);
      if (isMine !== true) {
        await this.#session.run('ROLLBACK');
        return undefined;
      }
      const found = await this.#session.ask(next, [most, bytes, rowBytes, without]);
      const rows = found.map(values => this.#toRow(values));
      isHanding = true;
      const ids = rows.length === 0 ? [] : await hand(rows);
      isHanding = false;
      if (ids.length > 0) await this.#session.ask(done, [ids]);
      await this.#session.run('COMMIT');
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
      const [[count] = []] = await this.#session.ask(this.#known().waiting, [most]);
      return Number(count);
    } catch (error) {
      throw failureOf(error, this.#options.connection);
    }
  }

  listen(heard: () => void): void {
    this.#session.listen(heard);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #known(): Statements {
    if (this.#statements) return this.#statements;
    throw unusable('The outbox has not been looked at.');
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

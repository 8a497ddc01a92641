// A table in Postgres as a sink. One transaction moves the position, which fences former owners,
// and writes the rows. One connection serves all partitions, which take turns.
import { failureOf, openSession, type Session, type SessionOptions, stateOf } from '../../postgres/session.ts';
import type { Noted, RefusedOrder, RowOrder, TableClaim, TableSink, TableStep, Taken } from '../table-sink.ts';
import { checkTable, ensurePositions } from './check-table.ts';
import {
  type PositionStatements,
  positionStatementsOf,
  type RowStatements,
  rowStatementsOf,
  type SinkTable,
} from './statements.ts';

export interface PostgresSinkOptions extends SinkTable {
  /** Tells platforms apart that write to one database. */
  readonly installation: string;
  /** Names the sink within the platform. */
  readonly sink: string;
  /** Asked for each connection, as a password may be another one by then. */
  session(): SessionOptions;
}

interface Opened {
  readonly session: Session;
  readonly rows: RowStatements;
  readonly options: SessionOptions;
}

/** Postgres ends a transaction that says nothing for so long: its process may stand still. */
const IDLE = '60s';
/** Bytes of JSON in one statement, except that one row is always written. */
const STATEMENT_BYTES = 4 << 20;

export function createPostgresSink(options: PostgresSinkOptions): TableSink {
  return new PostgresSink(options);
}

class PostgresSink implements TableSink {
  readonly #options: PostgresSinkOptions;
  readonly #positions: PositionStatements;
  #opened: Opened | undefined;
  #isClosed = false;
  /** The last call ends with it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresSinkOptions) {
    this.#options = options;
    this.#positions = positionStatementsOf(options.positions);
  }

  take(partition: number): Promise<Taken> {
    return this.#inTurn(async opened => {
      // A transaction of the owner before holds the row until it has ended, one way or the other.
      const [[epoch, position, noted] = []] = await this.#transaction(opened, () =>
        opened.session.ask(this.#positions.take, this.#mine(partition)),
      );
      return {
        partition,
        epoch: String(epoch),
        position: typeof position === 'string' ? Number(position) : undefined,
        noted: fromJson(String(noted)),
      };
    });
  }

  write(
    { claim, after, upTo, noted, orders }: TableStep,
    refused: (orders: readonly RefusedOrder[]) => Promise<void>,
  ): Promise<boolean> {
    return this.#inTurn(opened =>
      this.#transaction(opened, async () => {
        const { session } = opened;
        const values = [...this.#mine(claim.partition), claim.epoch, after, upTo, toJson(noted)];
        if ((await session.ask(this.#positions.move, values)).length === 0) return false;
        const left = await putOrders(opened, orders);
        if (left.length > 0) await aside(refused(left));
        return true;
      }),
    );
  }

  holds({ partition, epoch }: TableClaim, position: number | undefined): Promise<boolean> {
    return this.#inTurn(async ({ session }) => {
      return (await session.ask(this.#positions.holds, [...this.#mine(partition), epoch, position])).length > 0;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const { session } = this.#opened ?? {};
    this.#opened = undefined;
    await session?.close();
    await this.#turn;
  }

  #mine(partition: number): readonly unknown[] {
    return [this.#options.installation, this.#options.sink, partition];
  }

  /** One call after the other. After a failure the next one gets another connection. */
  #inTurn<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const run = this.#turn.then(async () => {
      this.#opened ??= await this.#open();
      const opened = this.#opened;
      try {
        return await work(opened);
      } catch (error) {
        this.#opened = undefined;
        await opened.session.close();
        throw error instanceof Aside ? error.reason : failureOf(error, opened.options.connection);
      }
    });
    this.#turn = run.catch(() => undefined);
    return run;
  }

  async #open(): Promise<Opened> {
    const options = this.#options.session();
    if (this.#isClosed) throw new Error('The sink is closed.');
    const session = await openSession(options, 'A table in Postgres');
    try {
      const { statementTimeoutMs: ms } = options;
      await session.run(
        `SET statement_timeout = ${ms}; SET lock_timeout = ${ms}; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; ` +
          `SET idle_in_transaction_session_timeout = '${IDLE}'; SET standard_conforming_strings = on`,
      );
      const known = await checkTable(session, this.#options);
      await ensurePositions(session, this.#options.positions, this.#positions);
      if (this.#isClosed) throw new Error('The sink is closed.');
      return { session, options, rows: rowStatementsOf(this.#options, known) };
    } catch (error) {
      await session.close();
      throw failureOf(error, options.connection);
    }
  }

  /** False of `work` takes back what it has done. */
  async #transaction<T>({ session }: Opened, work: () => Promise<T>): Promise<T> {
    // A constraint that is looked at only at the end would refuse all rows, and not its own.
    await session.run('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
    const result = await work();
    await session.run(result === false ? 'ROLLBACK' : 'COMMIT');
    return result;
  }
}

/** The reason why somebody else's work failed, which is no failure of the database. */
class Aside extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('The refused rows could not be set aside.');
    this.reason = reason;
  }
}

async function aside(work: Promise<void>): Promise<void> {
  await work.catch(error => {
    throw new Aside(error);
  });
}

/** Answers with those that were refused. */
async function putOrders(opened: Opened, orders: readonly RowOrder[]): Promise<readonly RefusedOrder[]> {
  const { session } = opened;
  if (orders.length === 0) return [];
  await session.run('SAVEPOINT before');
  try {
    for (const { kind, list } of togetherOf(orders)) await putTogether(opened, kind, list);
    return [];
  } catch (error) {
    if (!isOfRows(error)) throw error;
  }
  // The error does not say which row it was, so each is tried alone.
  const refused: RefusedOrder[] = [];
  await session.run('ROLLBACK TO SAVEPOINT before');
  for (const [index, order] of orders.entries()) {
    await session.run('SAVEPOINT one');
    try {
      await putTogether(opened, order.kind, [order]);
      await session.run('RELEASE SAVEPOINT one');
    } catch (error) {
      if (!isOfRows(error)) throw error;
      await session.run('ROLLBACK TO SAVEPOINT one');
      refused.push({ index, message: `Postgres refuses the row: ${withoutValues(error)}.` });
    }
  }
  return refused;
}

async function putTogether({ session, rows }: Opened, kind: RowOrder['kind'], list: readonly RowOrder[]) {
  await session.ask(rows[kind], [`[${list.map(({ json }) => json).join(',')}]`]);
}

interface Together {
  readonly kind: RowOrder['kind'];
  readonly list: RowOrder[];
}

/** Divides orders where a statement must end: it takes one kind, and no row twice. */
function* togetherOf(orders: readonly RowOrder[]): Generator<Together> {
  let open: Together | undefined;
  let keys = new Set<string>();
  let bytes = 0;
  for (const order of orders) {
    if (open && (open.kind !== order.kind || keys.has(order.key) || bytes + order.json.length > STATEMENT_BYTES)) {
      yield open;
      open = undefined;
    }
    if (open === undefined) {
      open = { kind: order.kind, list: [] };
      keys = new Set();
      bytes = 0;
    }
    open.list.push(order);
    keys.add(order.key);
    bytes += order.json.length;
  }
  if (open) yield open;
}

/**
 * SQLSTATE classes that a row causes: values, constraints, the check of a view, triggers. 54000 is
 * a row too large for an index. 21000: two keys that differ here are one for the database.
 */
const OF_ROWS = /^(22|23|44|P0|54000|21000)/;

function isOfRows(error: unknown): error is Error {
  return OF_ROWS.test(stateOf(error));
}

/** Postgres quotes the value in errors about values. It may be one that nobody is to see. */
function withoutValues(error: Error): string {
  return stateOf(error).startsWith('22') ? error.message.replaceAll(/"[\s\S]*"/g, '"…"') : error.message;
}

function toJson(noted: Noted): string {
  return JSON.stringify(Object.fromEntries(noted));
}

function fromJson(text: string): Noted {
  const value: unknown = JSON.parse(text);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return new Map(entries.map(([name, each]) => [name, String(each)]));
}

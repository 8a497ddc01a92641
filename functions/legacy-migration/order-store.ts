// The store of the new order service: documents in an SQLite file of its own, and beside them what
// is still to be told of them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Item {
  readonly product: string;
  readonly quantity: number;
  readonly price: number;
}

export interface Order {
  readonly id: number;
  readonly customer: string;
  readonly items: readonly Item[];
  readonly total: number;
  readonly createdAt: string;
}

/** An order that nobody has been told of. */
export interface Message {
  readonly order: Order;
  /** In which legacy systems it has been already; empty for none. */
  readonly origin: string;
}

/**
 * Legacy's numbers are below, ours above: so neither side ever gives a number
 * that the other has given.
 */
export const FIRST_OWN_ID = 1_000_001;

/** In $DATA_DIR (default: `.data` beside this file; `:memory:` keeps nothing). */
export function openOrderStore() {
  const folder = process.env.DATA_DIR ?? join(import.meta.dirname, '.data');
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, 'orders.db'));
  database.exec(`
    PRAGMA busy_timeout = 2000;
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, document TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, origin TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS filled (at TEXT) STRICT;
  `);
  const one = database.prepare('SELECT id, document FROM orders WHERE id = ?');
  const all = database.prepare('SELECT id, document FROM orders ORDER BY id');
  const last = database.prepare('SELECT coalesce(max(id), ?1 - 1) AS id FROM orders WHERE id BETWEEN ?1 AND ?2');
  const insert = database.prepare('INSERT OR IGNORE INTO orders (id, document) VALUES (?, ?)');
  const tell = database.prepare('INSERT INTO outbox (id, origin) VALUES (?, ?)');
  const waiting = database.prepare(
    'SELECT orders.id, document, origin FROM outbox JOIN orders USING (id) ORDER BY place LIMIT 50',
  );
  const told = database.prepare('DELETE FROM outbox WHERE id = ?');
  const filled = database.prepare('SELECT count(*) AS times FROM filled');
  const markFilled = database.prepare('INSERT INTO filled SELECT ? WHERE NOT EXISTS (SELECT 1 FROM filled)');
  const toOrder = (row: Record<string, unknown>): Order => ({ id: row.id, ...JSON.parse(String(row.document)) });

  const inTransaction = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  /** One that is there already stays, and is not told again. */
  const put = ({ id, ...order }: Order, origin: string) => {
    if (insert.run(id, JSON.stringify(order)).changes === 1) tell.run(id, origin);
  };
  return {
    get(id: number): Order | undefined {
      const row = one.get(id);
      return row && toOrder(row);
    },
    list: (): Order[] => all.all().map(toOrder),
    /** `copied`: legacy has taken it too, and given it its next number. */
    add(order: Omit<Order, 'id'>, copied: boolean, origin: string): Order {
      const [from, to] = copied ? [1, FIRST_OWN_ID - 1] : [FIRST_OWN_ID, Number.MAX_SAFE_INTEGER];
      return inTransaction(() => {
        const id = Number(last.get(from, to)?.id) + 1;
        put({ id, ...order }, origin);
        return { id, ...order };
      });
    },
    isFilled: () => Number(filled.get()?.times) > 0,
    /** Takes over what another system has; `origin` is what that is called. */
    fill(orders: readonly Order[], origin: string, now: string): void {
      inTransaction(() => {
        for (const order of orders) put(order, origin);
        markFilled.run(now);
      });
    },
    /** The oldest ones. */
    waiting: (): Message[] =>
      waiting.all().map(({ origin, ...row }) => ({ order: toOrder(row), origin: String(origin) })),
    told: (id: number) => void told.run(id),
  };
}

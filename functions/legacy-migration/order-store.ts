// The store of the new order service: documents in an SQLite file of its own, filled once with what legacy has.
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

/** In $DATA_DIR (default: `.data` beside this file; `:memory:` keeps nothing). */
export function openOrderStore() {
  const folder = process.env.DATA_DIR ?? join(import.meta.dirname, '.data');
  if (folder !== ':memory:') mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === ':memory:' ? folder : join(folder, 'orders.db'));
  database.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL;');
  database.exec(
    'CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL) STRICT',
  );
  database.exec('CREATE TABLE IF NOT EXISTS filled (at TEXT) STRICT');
  const one = database.prepare('SELECT id, document FROM orders WHERE id = ?');
  const all = database.prepare('SELECT id, document FROM orders ORDER BY id');
  const insert = database.prepare('INSERT INTO orders (id, document) VALUES (?, ?)');
  const filled = database.prepare('SELECT count(*) AS times FROM filled');
  const markFilled = database.prepare('INSERT INTO filled VALUES (?)');
  const toOrder = (row: Record<string, unknown>): Order => ({ id: row.id, ...JSON.parse(String(row.document)) });
  return {
    get(id: number): Order | undefined {
      const row = one.get(id);
      return row && toOrder(row);
    },
    list: (): Order[] => all.all().map(toOrder),
    add(order: Omit<Order, 'id'>): Order {
      const id = Number(insert.run(null, JSON.stringify(order)).lastInsertRowid);
      return { id, ...order };
    },
    isFilled: () => Number(filled.get()?.times) > 0,
    fill(orders: readonly Order[], now: string): void {
      database.exec('BEGIN IMMEDIATE');
      for (const { id, ...order } of orders) insert.run(id, JSON.stringify(order));
      markFilled.run(now);
      database.exec('COMMIT');
    },
  };
}

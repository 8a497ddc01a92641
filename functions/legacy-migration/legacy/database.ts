// The legacy shop's data: products, carts and orders in one SQLite file, with prices as
// floating-point euros, as it always was.
import { DatabaseSync } from 'node:sqlite';

export interface Product {
  readonly name: string;
  readonly euros: number;
}

export interface OrderLine extends Product {
  readonly quantity: number;
}

export interface OrderRow {
  readonly id: number;
  readonly customer: string;
  readonly createdAt: string;
  readonly lines: readonly OrderLine[];
}

const PRODUCTS: readonly Product[] = [
  { name: 'espresso', euros: 2.2 },
  { name: 'v60', euros: 4.35 },
  { name: 'cookie', euros: 1.9 },
];

/** From here on the numbers are those of whoever imports. */
const FIRST_IMPORTED = 1_000_000;

export function openDatabase(file: string) {
  const database = new DatabaseSync(file);
  database.exec(`
    CREATE TABLE IF NOT EXISTS products (name TEXT PRIMARY KEY, euros REAL NOT NULL);
    CREATE TABLE IF NOT EXISTS carts (session TEXT, product TEXT, quantity INTEGER, PRIMARY KEY (session, product));
    CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer TEXT, created_at TEXT);
    CREATE TABLE IF NOT EXISTS lines (order_id INTEGER, product TEXT, quantity INTEGER, euros REAL);
  `);
  const addProduct = database.prepare('INSERT OR IGNORE INTO products (name, euros) VALUES (?, ?)');
  for (const { name, euros } of PRODUCTS) addProduct.run(name, euros);

  const products = database.prepare('SELECT name, euros FROM products ORDER BY name');
  const product = database.prepare('SELECT name, euros FROM products WHERE name = ?');
  const cart = database.prepare(
    'SELECT name, euros, quantity FROM carts JOIN products ON name = product WHERE session = ? ORDER BY name',
  );
  const addToCart = database.prepare(
    'INSERT INTO carts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity',
  );
  const orders = database.prepare('SELECT id, customer, created_at AS createdAt FROM orders ORDER BY id');
  const order = database.prepare('SELECT id, customer, created_at AS createdAt FROM orders WHERE id = ?');
  const lines = database.prepare('SELECT product AS name, quantity, euros FROM lines WHERE order_id = ?');
  const lastOrder = database.prepare('SELECT coalesce(max(id), 0) AS id FROM orders WHERE id < ?');
  const addOrder = database.prepare('INSERT INTO orders VALUES (?, ?, ?)');
  const removeOrder = database.prepare('DELETE FROM orders WHERE id = ?');
  const removeLines = database.prepare('DELETE FROM lines WHERE order_id = ?');
  const addLine = database.prepare('INSERT INTO lines VALUES (?, ?, ?, ?)');

  const withLines = (row: Record<string, unknown>) =>
    ({ ...row, lines: lines.all(Number(row.id)) }) as unknown as OrderRow;
  return {
    products: () => products.all() as unknown as Product[],
    product: (name: string) => product.get(name) as unknown as Product | undefined,
    cart: (session: string) => cart.all(session) as unknown as OrderLine[],
    addToCart: (session: string, name: string, quantity: number) => void addToCart.run(session, name, quantity),
    orders: () => orders.all().map(withLines),
    order(id: number) {
      const row = order.get(id);
      return row && withLines(row);
    },
    addOrder(customer: string, createdAt: string, wanted: readonly OrderLine[]): number {
      const id = Number(lastOrder.get(FIRST_IMPORTED)?.id) + 1;
      addOrder.run(id, customer, createdAt);
      for (const { name, quantity, euros } of wanted) addLine.run(id, name, quantity, euros);
      return id;
    },
    /** In place of what was known by this number. */
    importOrder(id: number, customer: string, createdAt: string, wanted: readonly OrderLine[]): void {
      database.exec('BEGIN IMMEDIATE');
      removeLines.run(id);
      removeOrder.run(id);
      addOrder.run(id, customer, createdAt);
      for (const { name, quantity, euros } of wanted) addLine.run(id, name, quantity, euros);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

export type Database = ReturnType<typeof openDatabase>;

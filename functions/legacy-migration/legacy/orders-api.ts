// The legacy shop's JSON API of orders: what moves out first.
import type { Database, OrderLine, OrderRow } from './database.ts';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** Path of what was created. */
  readonly location?: string;
}

/** `generatedAt` is noise: no client needs it, and no two answers have the same. */
export function ordersApi(database: Database, method: string, path: string, read: () => unknown): Reply {
  const generatedAt = new Date().toISOString();
  if (path === '/orders' && method === 'GET') {
    return { status: 200, body: { orders: database.orders().map(toJson), generatedAt } };
  }
  if (path === '/orders' && method === 'POST') {
    const wanted = toLines(database, read());
    if (!wanted)
      return { status: 400, body: { error: 'An order has a customer and items with product and quantity.' } };
    const id = database.addOrder(wanted.customer, generatedAt, wanted.lines);
    const order = database.order(id);
    return { status: 201, location: `/orders/${id}`, body: order && { ...toJson(order), generatedAt } };
  }
  const imported = /^\/import\/orders\/([0-9]{7,9})$/.exec(path)?.[1];
  if (imported !== undefined && method === 'PUT') return importOrder(database, Number(imported), read());
  const id = /^\/orders\/([0-9]{1,9})$/.exec(path)?.[1];
  const order = id !== undefined && method === 'GET' ? database.order(Number(id)) : undefined;
  if (!order) return { status: 404, body: { error: 'There is no such order.' } };
  return { status: 200, body: { ...toJson(order), generatedAt } };
}

/**
 * The import that the tills of the cafés have always used: they bring their orders with numbers of
 * their own, as often as they like.
 */
function importOrder(database: Database, id: number, body: unknown): Reply {
  const refused = (error: string): Reply => ({ status: 422, body: { error } });
  if (typeof body !== 'object' || body === null || !('lines' in body) || !Array.isArray(body.lines)) {
    return refused('An imported order has a customer, placed and lines.');
  }
  const lines: OrderLine[] = [];
  for (const { name, quantity, euros } of body.lines) {
    if (!database.product(String(name))) return refused(`There is no product ${String(name).slice(0, 50)}.`);
    lines.push({ name: String(name), quantity: Number(quantity), euros: Number(euros) });
  }
  const { customer, placed } = body as { customer?: unknown; placed?: unknown };
  if (typeof customer !== 'string' || typeof placed !== 'string')
    return refused('It has no customer, or was never placed.');
  database.importOrder(id, customer, placed, lines);
  return { status: 200, body: { id } };
}

function toJson({ id, customer, createdAt, lines }: OrderRow) {
  const items = lines.map(({ name, quantity, euros }) => ({ product: name, quantity, price: euros }));
  return { id, customer, items, total: total(lines), createdAt };
}

/**
 * The bug that nobody dares to touch: cut off instead of rounded, so that 4.35 € are 434 cents
 * and three of them 13.02 €.
 */
function total(lines: readonly OrderLine[]): number {
  return lines.reduce((cents, line) => cents + line.quantity * Math.floor(line.euros * 100), 0) / 100;
}

function toLines(database: Database, body: unknown): { customer: string; lines: OrderLine[] } | undefined {
  if (typeof body !== 'object' || body === null || !('customer' in body) || !('items' in body)) return undefined;
  const { customer, items } = body;
  if (typeof customer !== 'string' || customer === '' || !Array.isArray(items) || items.length === 0) return undefined;
  const lines: OrderLine[] = [];
  for (const item of items) {
    const product = database.product(String(item?.product));
    const quantity = item?.quantity ?? 1;
    if (!product || !Number.isInteger(quantity) || quantity < 1 || quantity > 100) return undefined;
    lines.push({ ...product, quantity });
  }
  return { customer, lines };
}

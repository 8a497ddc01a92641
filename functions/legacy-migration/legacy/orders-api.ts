// The legacy shop's JSON API of orders: what moves out first.
import type { Database, Line, OrderRow } from './database.ts';

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
  const id = /^\/orders\/([0-9]{1,9})$/.exec(path)?.[1];
  const order = id !== undefined && method === 'GET' ? database.order(Number(id)) : undefined;
  if (!order) return { status: 404, body: { error: 'There is no such order.' } };
  return { status: 200, body: { ...toJson(order), generatedAt } };
}

function toJson({ id, customer, createdAt, lines }: OrderRow) {
  const items = lines.map(({ name, quantity, euros }) => ({ product: name, quantity, price: euros }));
  return { id, customer, items, total: total(lines), createdAt };
}

/** The bug that nobody dares to touch: cut off instead of rounded, so that 4.35 € are 434 cents and three of them 13.02 €. */
function total(lines: readonly Line[]): number {
  return lines.reduce((cents, line) => cents + line.quantity * Math.floor(line.euros * 100), 0) / 100;
}

function toLines(database: Database, body: unknown): { customer: string; lines: Line[] } | undefined {
  if (typeof body !== 'object' || body === null || !('customer' in body) || !('items' in body)) return undefined;
  const { customer, items } = body;
  if (typeof customer !== 'string' || customer === '' || !Array.isArray(items) || items.length === 0) return undefined;
  const lines: Line[] = [];
  for (const item of items) {
    const product = database.product(String(item?.product));
    const quantity = item?.quantity ?? 1;
    if (!product || !Number.isInteger(quantity) || quantity < 1 || quantity > 100) return undefined;
    lines.push({ ...product, quantity });
  }
  return { customer, lines };
}

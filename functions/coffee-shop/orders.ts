// The orders: asks the menu for prices and the customers for a name, through the internal client, and keeps what was ordered.
import { randomUUID } from 'node:crypto';
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import * as z from 'zod';
import type { Customer } from './customers.ts';
import { inTransaction, openDatabase } from './database.ts';
import type { Drink } from './menu.ts';
import type { OrderCreated } from './order-created.ts';
import { openOutbox } from './outbox.ts';
import { openStore } from './store.ts';

const Item = z.strictObject({ drink: z.string().min(1).max(50), quantity: z.int().min(1).max(20).default(1) });
const Table = z
  .string()
  .regex(/^[a-z0-9-]{1,20}$/)
  .default('counter');
const NewOrder = z.strictObject({ customer: z.uuid(), table: Table, items: z.array(Item).min(1).max(20) });

export interface Order {
  readonly id: string;
  readonly table: string;
  readonly customer: Customer;
  readonly items: readonly {
    readonly drink: string;
    readonly name: string;
    readonly quantity: number;
    readonly priceCents: number;
    /** Of coffee only, as it was on the menu. */
    readonly origin?: string;
    readonly method?: string;
  }[];
  readonly totalCents: number;
}

/** Most of the time that a request may take belongs to itself. */
const PUBLISH_MS = 1_000;

const database = openDatabase('orders');
const store = openStore<Order>('orders', database);
const outbox = openOutbox<OrderCreated>(database);

export default http({
  'GET /orders': async (_request, context) => {
    await announce(context);
    return { orders: store.list(100) };
  },
  'GET /orders/:id': request => {
    const order = store.get(request.params.id);
    if (!order) throw problem(404, { detail: 'No order has this id.' });
    return order;
  },
  'POST /orders': http({ body: NewOrder }, async (request, context) => {
    const { customer, table, items } = request.body;
    const [who, ...drinks] = await Promise.all([
      lookUp<Customer>(context, 'customers', customer),
      ...items.map(({ drink }) => lookUp<Drink>(context, 'menu', drink)),
    ]);
    const lines = items.map(({ drink, quantity }, index) => {
      const { name = drink, priceCents = 0, origin, method } = drinks[index] ?? {};
      return { drink, name, quantity, priceCents, ...(origin && method ? { origin, method } : {}) };
    });
    const totalCents = lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
    const order: Order = { id: randomUUID(), table, customer: who, items: lines, totalCents };
    inTransaction(database, () => {
      store.add(order.id, order);
      outbox.add({ id: order.id, content: order });
    });
    context.logger.info('order taken', { order: order.id, totalCents });
    await announce(context);
    return reply(201, order, { location: `/orders/${order.id}` });
  }),
});

/** Orders that cannot be announced now are taken all the same; the next request tries again. */
async function announce(context: Context): Promise<void> {
  const messages = outbox.take(Date.now());
  for (const [index, { id, content }] of messages.entries()) {
    try {
      await context.publish('orders.created', content, {
        type: 'OrderCreated',
        id,
        subject: id,
        timeoutMs: PUBLISH_MS,
      });
      outbox.remove(id);
    } catch (error) {
      context.logger.warn('orders wait to be announced', { orders: messages.length - index, error });
      for (const { id } of messages.slice(index)) outbox.release(id);
      return;
    }
  }
}

/** What an order names must exist: its absence is the caller's mistake, not ours. */
async function lookUp<T>(context: Context, service: 'customers' | 'menu', id: string): Promise<T> {
  try {
    const { body } = await context.invoke(service, { path: `/${service}/${encodeURIComponent(id)}` });
    return body as T;
  } catch (error) {
    if (error instanceof InvokeError && error.status === 404) {
      throw problem(422, { detail: `The order names ${id}, which is not known to ${service}.` });
    }
    throw error;
  }
}

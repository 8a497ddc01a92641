// The orders: asks the menu for prices and the customers for a name, through the internal client, and keeps what was ordered.
import { randomUUID } from 'node:crypto';
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import * as z from 'zod';
import type { Customer } from './customers.ts';
import type { Drink } from './menu.ts';
import { openStore } from './store.ts';

const Item = z.strictObject({ drink: z.string().min(1).max(50), quantity: z.int().min(1).max(20).default(1) });
const NewOrder = z.strictObject({ customer: z.uuid(), items: z.array(Item).min(1).max(20) });

export interface Order {
  readonly id: string;
  readonly customer: Customer;
  readonly items: readonly {
    readonly drink: string;
    readonly name: string;
    readonly quantity: number;
    readonly priceCents: number;
  }[];
  readonly totalCents: number;
}

const store = openStore<Order>('orders');

export default http({
  'GET /orders': () => ({ orders: store.list(100) }),
  'GET /orders/:id': request => {
    const order = store.get(request.params.id);
    if (!order) throw problem(404, { detail: 'No order has this id.' });
    return order;
  },
  'POST /orders': http({ body: NewOrder }, async (request, context) => {
    const { customer, items } = request.body;
    const [who, ...drinks] = await Promise.all([
      lookUp<Customer>(context, 'customers', customer),
      ...items.map(({ drink }) => lookUp<Drink>(context, 'menu', drink)),
    ]);
    const lines = items.map(({ drink, quantity }, index) => {
      const { name = drink, priceCents = 0 } = drinks[index] ?? {};
      return { drink, name, quantity, priceCents };
    });
    const totalCents = lines.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0);
    const order: Order = { id: randomUUID(), customer: who, items: lines, totalCents };
    store.add(order.id, order);
    context.logger.info('order taken', { order: order.id, totalCents });
    return reply(201, order, { location: `/orders/${order.id}` });
  }),
});

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

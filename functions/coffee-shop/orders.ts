// The orders. The function asks the menu for prices and the customers for a name, through the
// internal client. An order is taken once its event is durable. Subscribers and the stored state
// come from that same event, so neither exists without the other.
import { randomUUID } from 'node:crypto';
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import * as z from 'zod';
import type { Customer } from './customers.ts';
import { find, follow, list } from './kept.ts';
import type { Drink } from './menu.ts';

const Item = z.strictObject({ drink: z.string().min(1).max(50), quantity: z.int().min(1).max(20).default(1) });
const Table = z
  .string()
  .regex(/^[a-z0-9-]{1,20}$/)
  .default('counter');
const NewOrder = z.strictObject({ customer: z.uuid(), table: Table, items: z.array(Item).min(1).max(20) });

export interface Order {
  readonly id: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly table: string;
  readonly customer: Customer;
  readonly items: readonly {
    readonly drink: string;
    readonly name: string;
    readonly quantity: number;
    readonly priceCents: number;
    /** The origin, as it was on the menu; for coffee only. */
    readonly origin?: string;
    readonly method?: string;
  }[];
  readonly totalCents: number;
}

export default http({
  'GET /orders': async (_request, context) => ({
    orders: await list<Order>(context, 'orders', { index: 'takenAt', order: 'desc' }),
  }),
  'GET /orders/:id': async (request, context) => {
    const order = await find<Order>(context, 'orders', request.params.id);
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
    const id = randomUUID();
    const order: Order = { id, takenAt: new Date().toISOString(), table, customer: who, items: lines, totalCents };
    const { position } = await context.publish('orders.created', order, { type: 'OrderCreated', id, subject: id });
    context.logger.info('order taken', { order: id, totalCents });
    await follow(context, { view: 'orders', key: id, position });
    return reply(201, order, { location: `/orders/${id}` });
  }),
});

/**
 * An order must name things that exist: if one is missing, the mistake is the caller's, not ours.
 */
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

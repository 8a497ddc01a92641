// The new order service: the interface that clients know from legacy, a store of its own, and cents instead of floating-point euros.
import { http, problem, reply } from 'tenfold';
import * as z from 'zod';
import { type Item, type Order, openOrderStore } from './order-store.ts';

const NewOrder = z.strictObject({
  customer: z.string().min(1).max(50),
  items: z
    .array(z.strictObject({ product: z.string().min(1).max(50), quantity: z.int().min(1).max(100).default(1) }))
    .min(1)
    .max(50),
});

const PRICES: Readonly<Record<string, number>> = { espresso: 2.2, v60: 4.35, cookie: 1.9 };

const store = openOrderStore();
let filling: Promise<void> | undefined;

export default http({
  'GET /orders': async () => {
    await fillOnce();
    return { orders: store.list(), generatedAt: new Date().toISOString() };
  },
  'GET /orders/:id': async request => {
    await fillOnce();
    const order = /^[0-9]{1,9}$/.test(request.params.id) ? store.get(Number(request.params.id)) : undefined;
    if (!order) throw problem(404, { detail: 'There is no such order.' });
    return { ...order, generatedAt: new Date().toISOString() };
  },
  'POST /orders': http({ body: NewOrder }, async (request, context) => {
    await fillOnce();
    const { customer, items } = request.body;
    const lines = items.map(({ product, quantity }): Item => {
      const price = PRICES[product];
      if (price === undefined) throw problem(400, { detail: `There is no product called ${product}.` });
      return { product, quantity, price };
    });
    const createdAt = new Date().toISOString();
    const order = store.add({ customer, items: lines, total: totalOf(lines), createdAt });
    context.logger.info('order taken', { order: order.id });
    return reply(201, { ...order, generatedAt: createdAt }, { location: `/orders/${order.id}` });
  }),
});

function totalOf(items: readonly Item[]): number {
  return items.reduce((cents, { quantity, price }) => cents + quantity * Math.round(price * 100), 0) / 100;
}

/** Takes over, once, what legacy has, with its totals made right. A failure is tried again by the next request. */
function fillOnce(): Promise<void> {
  if (store.isFilled()) return Promise.resolve();
  filling ??= fill().finally(() => {
    filling = undefined;
  });
  return filling;
}

async function fill(): Promise<void> {
  const url = process.env.LEGACY_URL;
  if (url === undefined) throw new Error('LEGACY_URL must say where the legacy shop is');
  const answer = await fetch(`${url}/orders`, { signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`the legacy shop answered ${answer.status}`);
  const { orders } = (await answer.json()) as { orders: Order[] };
  store.fill(
    orders.map(order => ({ ...order, total: totalOf(order.items) })),
    new Date().toISOString(),
  );
}

// The new order service: the interface that clients know from legacy, a store of its own, and cents
// instead of floating-point euros.
import { type Context, type HttpRequest, http, problem, reply } from 'tenfold';
import * as z from 'zod';
import { FIRST_OWN_ID, type Item, type Order, openOrderStore } from './order-store.ts';

const NewOrder = z.strictObject({
  customer: z.string().min(1).max(50),
  items: z
    .array(z.strictObject({ product: z.string().min(1).max(50), quantity: z.int().min(1).max(100).default(1) }))
    .min(1)
    .max(50),
});

/** The oat cookie is new: legacy does not know it. */
const PRICES: Readonly<Record<string, number>> = { espresso: 2.2, v60: 4.35, cookie: 1.9, 'oat-cookie': 2.4 };
/**
 * Name of the Strangler, which stands for the legacy shop where an order says where it has been.
 */
const LEGACY = 'shop';

const store = openOrderStore();
let filling: Promise<void> | undefined;

export default http({
  'GET /orders': async (request, context) => {
    await prepare(request, context, true);
    return { orders: store.list(), generatedAt: new Date().toISOString() };
  },
  'GET /orders/:id': async (request, context) => {
    const id = /^[0-9]{1,9}$/.test(request.params.id) ? Number(request.params.id) : 0;
    await prepare(request, context, id < FIRST_OWN_ID && store.get(id) === undefined);
    const order = store.get(id);
    if (!order) throw problem(404, { detail: 'There is no such order.' });
    return { ...order, generatedAt: new Date().toISOString() };
  },
  'POST /orders': http({ body: NewOrder }, async (request, context) => {
    await prepare(request, context, false);
    const { customer, items } = request.body;
    const lines = items.map(({ product, quantity }): Item => {
      const price = PRICES[product];
      if (price === undefined) throw problem(400, { detail: `There is no product called ${product}.` });
      return { product, quantity, price };
    });
    const createdAt = new Date().toISOString();
    const order = { customer, items: lines, total: totalOf(lines), createdAt };
    // Told later perhaps, by another request: so where it has been is kept with it.
    const added = store.add(order, isCopy(request), context.origin ?? '');
    context.logger.info('order taken', { order: added.id });
    await announce(context);
    return reply(201, { ...added, generatedAt: createdAt }, { location: `/orders/${added.id}` });
  }),
});

function totalOf(items: readonly Item[]): number {
  return items.reduce((cents, { quantity, price }) => cents + quantity * Math.round(price * 100), 0) / 100;
}

/** Legacy has answered this request, and done what it asks for. */
function isCopy({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  return headers['tenfold-shadow'] !== undefined;
}

/**
 * Takes over what legacy has: once before anything else, and later where `stale`, as legacy
 * takes orders too while only a part of the users is here. Not for a copy: the order that it is
 * a copy of would be there twice.
 */
async function prepare(request: Pick<HttpRequest, 'headers'>, context: Context, stale: boolean): Promise<void> {
  if (store.isFilled() && (!stale || isCopy(request))) return;
  filling ??= fill().finally(() => {
    filling = undefined;
  });
  await filling;
  await announce(context);
}

async function fill(): Promise<void> {
  const url = process.env.LEGACY_URL;
  if (url === undefined) throw new Error('LEGACY_URL must say where the legacy shop is');
  const answer = await fetch(`${url}/orders`, { signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`the legacy shop answered ${answer.status}`);
  const { orders } = (await answer.json()) as { orders: Order[] };
  store.fill(
    orders.filter(({ id }) => id < FIRST_OWN_ID).map(order => ({ ...order, total: totalOf(order.items) })),
    LEGACY,
    new Date().toISOString(),
  );
}

/**
 * Tells of orders that nobody knows of yet. When it cannot, the order is taken all the
 * same, and the next request tries again. Two requests may tell of the same order: it is
 * the same event, by its id.
 */
async function announce(context: Context): Promise<void> {
  try {
    for (const { order, origin } of store.waiting()) {
      await context.publish('orders.changed', order, { id: `order-${order.id}`, key: String(order.id), origin });
      store.told(order.id);
    }
  } catch (error) {
    context.logger.warn('orders wait to be told of', { error });
  }
}

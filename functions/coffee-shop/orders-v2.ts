// Version 2 of the orders: amounts with their currency, and what was bought as lines. It
// translates, and keeps nothing itself.
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import type { Order } from './orders.ts';

const euros = (cents: number) => ({ amount: (cents / 100).toFixed(2), currency: 'EUR' });

export default http({
  'GET /orders/:id': async (request, context) =>
    toV2(await ask(context, 'GET', `/orders/${encodeURIComponent(request.params.id)}`)),
  'POST /orders': async (request, context) => {
    const order = toV2(await ask(context, 'POST', '/orders', await request.json()));
    return reply(201, order, { location: `/orders/${order.id}` });
  },
});

function toV2({ id, customer, items, totalCents }: Order) {
  const lines = items.map(({ name, quantity, priceCents }) => ({ name, quantity, price: euros(priceCents) }));
  return { id, customer, lines, total: euros(totalCents) };
}

/** Errors of the request look as they do in version 1. */
async function ask(context: Context, method: string, path: string, body?: unknown): Promise<Order> {
  try {
    const answer = await context.invoke('orders', { method, path, ...(body === undefined ? {} : { body }) });
    return answer.body as Order;
  } catch (error) {
    if (!(error instanceof InvokeError) || error.status === undefined || error.status >= 500) throw error;
    throw problem(error.status, { ...detailOf(error.problem) });
  }
}

function detailOf(said: unknown): { detail?: string } {
  const isProblem = typeof said === 'object' && said !== null && 'detail' in said && typeof said.detail === 'string';
  return isProblem ? { detail: String(said.detail) } : {};
}

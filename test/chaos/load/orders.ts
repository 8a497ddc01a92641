// Clients that send each order several times under its key, also at the same time at two gateways,
// and want to be called back.
import { orderCheck } from '../checks/orders.ts';
import { createOrders } from '../model/orders.ts';
import { type Clients, each, type Use } from './use.ts';

const ORDER_EVERY_MS = 400;
/** So many more requests of each, the second of which goes along with the first. */
const AGAIN = 2;

export function ordersUse(): Use {
  const orders = createOrders();
  const send = async ({ sender, functions }: Clients, number: number) => {
    const { headers, text } = await sender.post(
      '/orders',
      { order: number },
      { 'idempotency-key': `"order-${number}"`, 'x-callback-url': `${functions}/told` },
    );
    orders.accepted(number, { id: JSON.parse(text).id, path: headers.get('location') ?? '' });
  };
  return {
    handlers: { order: orders.order, told: orders.told },
    clients: given => [
      each(given, ORDER_EVERY_MS, async number => {
        await Promise.all([send(given, number), send(given, number)]);
        // When it may have ended long ago.
        if (number > AGAIN) await send(given, number - AGAIN);
      }),
    ],
    figures: () => `${orders.all().length} orders`,
    checks: subject => [orderCheck(subject, orders)],
  };
}

// Prints the receipt of each order.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';
import { openStore } from './store.ts';

export interface Receipt {
  readonly order: string;
  readonly lines: readonly string[];
  readonly total: string;
}

const receipts = openStore<Receipt>('receipts');
const euros = (cents: number) => `${(cents / 100).toFixed(2)} €`;

/** Its number is the order's, so an order that comes twice gets one receipt. */
export default event(OrderCreated, ({ data: { id, items, totalCents } }) => {
  const lines = items.map(({ quantity, name, priceCents }) => `${quantity} × ${name}: ${euros(quantity * priceCents)}`);
  receipts.add(id, { order: id, lines, total: euros(totalCents) });
});

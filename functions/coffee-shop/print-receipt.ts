// Prints the receipt of each order.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';

export interface Receipt {
  readonly order: string;
  readonly lines: readonly string[];
  readonly total: string;
}

const euros = (cents: number) => `${(cents / 100).toFixed(2)} €`;

/**
 * Its answer becomes an event. The event's number is the order's, so an order that comes twice has
 * one receipt.
 */
export default event(OrderCreated, ({ data: { id, items, totalCents } }): Receipt => {
  const lines = items.map(({ quantity, name, priceCents }) => `${quantity} × ${name}: ${euros(quantity * priceCents)}`);
  return { order: id, lines, total: euros(totalCents) };
});

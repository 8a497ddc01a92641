// Splits each order into what is to be made, one entry for every cup and cookie, for the
// wall that the baristas see.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';

export interface ToMake {
  readonly order: string;
  readonly table: string;
  readonly drink: string;
  readonly name: string;
  /** To be called out. */
  readonly guest: string;
}

export interface OnWall {
  readonly order: string;
  readonly takenAt: string;
  readonly toMake: readonly ToMake[];
}

/**
 * Its answer becomes an event, and a View stores one row for each order: no receipt is made twice.
 */
export default event(OrderCreated, ({ data: { id, table, takenAt, customer, items } }): OnWall => {
  const toMake = items.flatMap(({ drink, name, quantity }) =>
    Array.from({ length: quantity }, () => ({ order: id, table, drink, name, guest: customer.name })),
  );
  return { order: id, takenAt, toMake };
});

// Splits each order into what is to be made, one entry for every cup and cookie, for the wall that the baristas see.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';
import { openStore } from './store.ts';

export interface ToMake {
  readonly order: string;
  readonly table: string;
  readonly drink: string;
  readonly name: string;
  /** To be called out. */
  readonly guest: string;
}

const wall = openStore<ToMake>('wall');

/** An order that comes twice makes the same ids, so nothing is made twice. */
export default event(OrderCreated, ({ data: { id, table, customer, items } }) => {
  const each = items.flatMap(({ drink, name, quantity }) => Array.from({ length: quantity }, () => ({ drink, name })));
  for (const [place, { drink, name }] of each.entries()) {
    wall.add(`${id}/${place}`, { order: id, table, drink, name, guest: customer.name });
  }
});

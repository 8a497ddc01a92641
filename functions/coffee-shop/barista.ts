// Puts each order on the screen of its table's barista. A screen that is unplugged cannot take it.
import { event, problem } from 'tenfold';
import { find } from './kept.ts';
import { OrderCreated } from './order-created.ts';

export interface OnScreen {
  readonly order: string;
  readonly table: string;
  readonly takenAt: string;
  readonly lines: readonly string[];
}

export interface Plug {
  readonly table: string;
  readonly plugged: boolean;
}

/** Its answer becomes an event, and a View stores one row for each order. */
export default event(OrderCreated, async ({ data: { id, table, takenAt, items } }, context): Promise<OnScreen> => {
  const plug = await find<Plug>(context, 'plugs', table);
  // 500: this order fails. With 502 to 504, or Retry-After, the function would say that
  // it is away for every table.
  if (plug?.plugged === false) throw problem(500, { detail: `The screen of table ${table} does not answer.` });
  return { order: id, table, takenAt, lines: items.map(({ quantity, name }) => `${quantity} × ${name}`) };
});

// Puts each order on the screen of its table's barista. A screen that is unplugged cannot take it.
import { event, problem } from 'tenfold';
import { OrderCreated } from './order-created.ts';
import { openStore } from './store.ts';

export interface OnScreen {
  readonly order: string;
  readonly lines: readonly string[];
}

export interface Plug {
  readonly plugged: boolean;
}

const shown = openStore<OnScreen>('shown');
const plugs = openStore<Plug>('plugs');

export default event(OrderCreated, ({ data: { id, table, items } }) => {
  // No Retry-After: that would slow down the other tables' screens as well.
  if (plugs.get(table)?.plugged === false)
    throw problem(502, { detail: `The screen of table ${table} does not answer.` });
  const lines = items.map(({ quantity, name }) => `${quantity} × ${name}`);
  shown.add(`${table}/${id}`, { order: id, lines });
});

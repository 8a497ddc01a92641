// Learns from all orders what goes with what. It came to the shop late, and began with
// the first order ever taken.
import { event } from 'tenfold';
import { OrderCreated } from './order-created.ts';

export interface Pair {
  /** `v60+cookie`: what also goes with a V60. */
  readonly pair: string;
}

/**
 * One for each two different things of an order, in both directions. The View `tastes` counts
 * them, those of an order once.
 */
export default event(OrderCreated, ({ data: { items } }): readonly Pair[] => {
  const different = [...new Set(items.map(({ drink }) => drink))];
  return different.flatMap(one => different.filter(other => other !== one).map(other => ({ pair: `${one}+${other}` })));
});

// Learns from all orders what goes with what. It came to the shop late, and began with the first order ever taken.
import { batch } from 'tenfold';
import { OrderCreated } from './order-created.ts';
import { openTally } from './tally.ts';

const tastes = openTally('tastes');

export default batch(OrderCreated, async (events, { cache }) => {
  for (const { id, source, data } of events)
    tastes.count({ id, source }, pairsOf(data.items.map(({ drink }) => drink)));
  // Also for an event that had been counted: perhaps it comes again because this had failed.
  const changed = new Set(events.flatMap(({ data }) => data.items.map(({ drink }) => drink)));
  await Promise.all([...changed].map(drink => cache.delete(`tastes/${drink}`)));
});

/** One for each two different things of an order, in both directions: `v60+cookie` and `cookie+v60`. */
function pairsOf(drinks: readonly string[]): Record<string, number> {
  const different = [...new Set(drinks)];
  const pairs = different.flatMap(one => different.filter(other => other !== one).map(other => `${one}+${other}`));
  return Object.fromEntries(pairs.map(pair => [pair, 1]));
}

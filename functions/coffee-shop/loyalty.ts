// The loyalty cards: who has one pays less. Guests without a card are the rule, so
// nothing may depend on it.
import { type Context, http, problem, reply } from 'tenfold';
import { find, keep } from './kept.ts';

export interface Card {
  readonly customer: string;
  readonly discountPercent: number;
}

/** collect-points.ts says how many an order is worth. */
async function withPoints(context: Context, card: Card) {
  const points = await find<{ readonly score: number }>(context, 'points', card.customer);
  return { ...card, points: points?.score ?? 0 };
}

export default http({
  'GET /cards/:customer': async (request, context) => {
    const card = await find<Card>(context, 'cards', request.params.customer);
    if (!card) throw problem(404, { detail: 'This customer has no card.' });
    return withPoints(context, card);
  },
  'PUT /cards/:customer': async (request, context) => {
    const { customer } = request.params;
    const found = await find<Card>(context, 'cards', customer);
    if (found) return withPoints(context, found);
    const card: Card = { customer, discountPercent: 10 };
    await keep(context, { topic: 'cards', view: 'cards', key: customer }, card, 'CardGiven');
    return reply(201, await withPoints(context, card));
  },
});

// The loyalty cards: who has one pays less. Guests without a card are the rule, so nothing may depend on it.
import { http, problem, reply } from 'tenfold';
import { openStore } from './store.ts';
import { openTally } from './tally.ts';

export interface Card {
  readonly customer: string;
  readonly discountPercent: number;
}

const store = openStore<Card>('cards');
/** Filled by collect-points.ts. */
const points = openTally('points');
const withPoints = (card: Card) => ({ ...card, points: points.get(card.customer) });

export default http({
  'GET /cards/:customer': request => {
    const card = store.get(request.params.customer);
    if (!card) throw problem(404, { detail: 'This customer has no card.' });
    return withPoints(card);
  },
  'PUT /cards/:customer': request => {
    const card: Card = { customer: request.params.customer, discountPercent: 10 };
    return reply(store.add(card.customer, card) ? 201 : 200, withPoints(card));
  },
});

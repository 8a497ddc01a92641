// The menu: what the shop sells and for how much.
import { http, problem } from 'tenfold';

export interface Drink {
  readonly id: string;
  readonly name: string;
  /** The origin of the beans; absent for anything but coffee. */
  readonly origin?: string;
  /** How the coffee is made; absent for the same. */
  readonly method?: string;
  readonly priceCents: number;
}

export const drinks: readonly Drink[] = [
  { id: 'v60', name: 'V60 pour-over', origin: 'Ethiopia', method: 'pour-over', priceCents: 450 },
  { id: 'flat-white', name: 'Flat white', origin: 'Brazil', method: 'espresso', priceCents: 420 },
  { id: 'espresso', name: 'Espresso', origin: 'Colombia', method: 'espresso', priceCents: 280 },
  { id: 'cookie', name: 'Oat cookie', priceCents: 250 },
];

export default http({
  'GET /menu': () => ({ drinks }),
  'GET /menu/:id': request => {
    const drink = drinks.find(({ id }) => id === request.params.id);
    if (!drink) throw problem(404, { detail: `The menu has no ${request.params.id}.` });
    return drink;
  },
});

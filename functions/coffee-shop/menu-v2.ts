// The next menu: each drink also says what guests must not be allergic to. It
// answers for some guests first.
import { http } from 'tenfold';
import { drinks } from './menu.ts';

const allergens: Readonly<Record<string, readonly string[]>> = { 'flat-white': ['milk'], cookie: ['gluten', 'nuts'] };

export default http({
  'GET /menu': () => ({ drinks: drinks.map(drink => ({ ...drink, allergens: allergens[drink.id] ?? [] })) }),
});

// What guests who ordered this also ordered.
import { http } from 'tenfold';
import { openTally } from './tally.ts';

const tastes = openTally('tastes');

export default http({
  'GET /:drink': ({ params: { drink } }) => ({
    drink,
    goesWith: tastes
      .top(`${drink}+`, 5)
      .map(({ name, count }) => ({ drink: name.slice(drink.length + 1), orders: count })),
  }),
});

// What guests who ordered this also ordered. Asked far more often than it changes, so what was found is kept; learn-tastes.ts drops what it changes.
import { http } from 'tenfold';
import { openTally } from './tally.ts';

const tastes = openTally('tastes');

export default http({
  'GET /:drink': ({ params: { drink } }, { cache }) =>
    cache.getOrSet(`tastes/${drink}`, { ttlMs: 3_600_000, staleMs: 86_400_000 }, () => ({
      drink,
      goesWith: tastes
        .top(`${drink}+`, 5)
        .map(({ name, count }) => ({ drink: name.slice(drink.length + 1), orders: count })),
    })),
});

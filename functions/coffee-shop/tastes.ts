// Recommendations: products that guests also ordered. They are read far more often than they
// change, so all instances share an answer for a moment.
import { type Context, http } from 'tenfold';

/** Pairs that are looked at, those that were ordered most often: a menu of thirty has fewer. */
const PAIRS = 1_000;

export default http({
  'GET /:drink': ({ params: { drink } }, context) =>
    context.cache.getOrSet(`tastes/${drink}`, { ttlMs: 2_000, staleMs: 86_400_000 }, async () => ({
      drink,
      goesWith: (await goingWith(context, `${drink}+`)).slice(0, 5),
    })),
});

/** Most often first. */
async function goingWith(context: Context, beginning: string) {
  const { items } = (await context.query('tastes', { top: PAIRS })) as { items: { member: string; score: number }[] };
  return items
    .filter(({ member }) => member.startsWith(beginning))
    .map(({ member, score }) => ({ drink: member.slice(beginning.length), orders: score }));
}

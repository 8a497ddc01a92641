// Writes orders of the new service back into legacy, in legacy's words and through the import that
// its tills have always used.
import { doNotRetry, event } from 'tenfold';
import { OrderChanged } from './order-changed.ts';

/** The same order may come twice: the import takes it as it is, and knows it by its number. */
export default event(OrderChanged, async ({ data: { id, customer, items, createdAt } }) => {
  const answer = await fetch(`${process.env.LEGACY_URL}/import/orders/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      customer,
      placed: createdAt,
      lines: items.map(({ product, quantity, price }) => ({ name: product, quantity, euros: price })),
    }),
    signal: AbortSignal.timeout(3000),
  });
  const said = await answer.text();
  if (answer.ok) return;
  // Trying again changes nothing: somebody has to look at it.
  if (answer.status < 500) throw doNotRetry(`legacy refuses order ${id}: ${said.slice(0, 200)}`);
  throw new Error(`legacy answered ${answer.status}`);
});

// Imports articles as the queue hands them over: a batch at a time, in one transaction
// of the relational service.
import { batch, doNotRetry } from 'tenfold';
import type { Article } from './article.ts';
import { save } from './relational.ts';

/**
 * The service checks the articles, so that what it refuses is found where it is said
 * why: among the dead letters.
 */
export default batch(async (events: { data: Article }[], context) => {
  const outcomes = await save(
    context,
    events.map(({ data }) => data),
  );
  return outcomes.map(outcome => (outcome.status === 'refused' ? doNotRetry(outcome.reason) : undefined));
});

// Saves one article that an editor has sent; what it answers is what the editor finds
// at the location of the job.
import { doNotRetry, event } from 'tenfold';
import { Article } from './article.ts';
import { save } from './relational.ts';

export default event(Article, async ({ data: article }, context) => {
  const [outcome] = await save(context, [article]);
  if (outcome === undefined) throw new Error('the service gave no outcome');
  if (outcome.status === 'refused') throw doNotRetry(outcome.reason);
  return {
    article: article.id,
    version: article.version,
    outcome: outcome.status,
    at: `/content/articles/${article.id}`,
  };
});

// Saves articles at the relational service, in the words of its callers: an
// outcome for each, or "later".
import { type Context, InvokeError, problem, retryAfter } from 'tenfold';
import type { Article } from './article.ts';
import type { Outcome } from './relational/server.ts';

export type { Outcome };

/**
 * Throws what makes the platform try again: no sooner than the service says when it is locked up.
 */
export async function save(context: Context, articles: readonly Article[]): Promise<readonly Outcome[]> {
  try {
    const { body } = await context.invoke('relational', { path: '/articles', body: { articles } });
    return (body as { results: readonly Outcome[] }).results;
  } catch (error) {
    if (!(error instanceof InvokeError)) throw error;
    if (error.retryAfterSeconds !== undefined) throw retryAfter(error.retryAfterSeconds, 'The service is locked up.');
    if (error.status === undefined || error.retryable) throw error;
    throw problem(error.status, { detail: 'The service refuses these articles.' });
  }
}

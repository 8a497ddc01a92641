// Imports without a queue, as functions do that scale as fast as they are called: everything at
// once, and again after a refusal.
import type { Article } from '../article.ts';

export interface Importing {
  readonly service: string;
  readonly articles: readonly Article[];
  /** Articles in one request. */
  readonly batch: number;
  readonly signal: AbortSignal;
}

export async function importAtOnce({ service, articles, batch, signal }: Importing): Promise<void> {
  const batches = Array.from({ length: Math.ceil(articles.length / batch) }, (_, index) =>
    articles.slice(index * batch, (index + 1) * batch),
  );
  await Promise.all(batches.map(each => saveUntilTaken(each)));

  async function saveUntilTaken(some: readonly Article[]): Promise<void> {
    for (;;) {
      const answer = await fetch(`${service}/articles`, {
        method: 'POST',
        body: JSON.stringify({ articles: some }),
        signal,
      });
      await answer.arrayBuffer();
      if (answer.ok) return;
      if (answer.status !== 503) throw new Error(`the service answered ${answer.status}`);
      // Not all again in the same moment.
      const seconds = Number(answer.headers.get('retry-after') ?? 1) * (1 + Math.random());
      await new Promise(resolve => setTimeout(resolve, seconds * 1_000));
    }
  }
}

// Clients that send articles at a steady rate, whether they are answered or not; and how long
// each waited for its answer.
import type { Article } from '../article.ts';

export interface Sending {
  readonly url: string;
  readonly articles: readonly Article[];
  toBody(article: Article): unknown;
  /** Articles per second. */
  readonly rate: number;
  readonly signal: AbortSignal;
}

export interface Waited {
  readonly sent: number;
  readonly refused: number;
  /** The median of the requests that were not refused. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function sendSteadily({ url, articles, toBody, rate, signal }: Sending): Promise<Waited> {
  const begun = performance.now();
  const tookMs: number[] = [];
  let refused = 0;

  async function send(article: Article): Promise<void> {
    const sentAt = performance.now();
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(toBody(article)),
      signal,
    });
    await answer.arrayBuffer();
    if (answer.ok) tookMs.push(performance.now() - sentAt);
    else if (answer.status === 503 || answer.status === 429) refused++;
    else throw new Error(`${url} answered ${answer.status}`);
  }

  const sent: Promise<void>[] = [];
  for (const [index, article] of articles.entries()) {
    const dueMs = (index * 1_000) / rate - (performance.now() - begun);
    if (dueMs > 0) await new Promise(resolve => setTimeout(resolve, dueMs));
    sent.push(send(article));
  }
  await Promise.all(sent);
  tookMs.sort((one, other) => one - other);
  const percentile = (share: number) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))] ?? 0;
  return { sent: articles.length, refused, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}

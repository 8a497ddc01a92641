// Watches the relational service while an import runs: what it does and what
// it loses, every so often.
import * as z from 'zod';

const EVERY_MS = 100;

const Seen = z.object({
  running: z.number(),
  waiting: z.number(),
  aborted: z.number(),
  refused: z.number(),
  requests: z.number(),
  articles: z.number(),
  tookMs: z.number(),
});

/** Counts are since the start of the service. */
export type Seen = z.output<typeof Seen> & { readonly atMs: number };

export interface Run {
  readonly name: string;
  /**
   * The first is of the moment before the import began, the last of the moment
   * when everything was saved.
   */
  readonly seen: readonly Seen[];
}

/** Until the service has saved `articles`. */
export async function watch(service: string, articles: number, signal: AbortSignal): Promise<Seen[]> {
  const begun = performance.now();
  const seen: Seen[] = [];
  for (;;) {
    const answer = await fetch(`${service}/load`, { signal });
    const now = { ...Seen.parse(await answer.json()), atMs: performance.now() - begun };
    seen.push(now);
    if (now.articles >= articles) return seen;
    await new Promise(resolve => setTimeout(resolve, EVERY_MS));
  }
}

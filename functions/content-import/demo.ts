// Imports all articles and lets editors send more, over HTTP; says what it does,
// and checks what comes back.
import { createClient, type DemoOptions } from './demo/client.ts';
import { importAll } from './demo/importing.ts';
import { report, submit } from './demo/submitting.ts';
import { UNTITLED_EVERY } from './search-index/articles.ts';

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo(options: DemoOptions): Promise<void> {
  const { articles, say } = options;
  const client = createClient(options);
  await importAll(client, articles, say);
  // A round number, so that none of those that follow is without a title.
  const first = Math.ceil(articles / UNTITLED_EVERY) * UNTITLED_EVERY;
  await submit(client, first, say);
  await report(client, (await client.counts()).articles ?? 0, say);
}

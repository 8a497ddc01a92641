// Queue-based load leveling, example A: thousands of articles are read in no time and saved at
// the pace of a slow service.
import assert from 'node:assert/strict';
import { UNTITLED_EVERY } from '../search-index/articles.ts';
import { type Client, resultAt } from './client.ts';

/** As `limits` of the Function relational in app.yaml. */
const LIMIT = 3;

export async function importAll(client: Client, articles: number, say: (line: string) => void): Promise<void> {
  const { call, load, counts, until, deadLetters } = client;
  const untitled = Math.floor(articles / UNTITLED_EVERY);
  const saved = articles - untitled;

  say(`The index has ${articles} articles. They are read in bulk and put into a queue:`);
  const begun = await call('POST', '/content/imports', { json: {} });
  assert.equal(begun.status, 202);

  let most = 0;
  await until('all articles are saved', async () => {
    const now = await load();
    most = Math.max(most, now.running + now.waiting);
    return now.articles >= saved;
  });
  const imported = (await resultAt(client, begun.headers.get('location') ?? '')) as Record<string, number>;
  assert.equal(imported.articles, articles);
  say(`  read within ${imported.readMs} ms, all of them in the queue after ${imported.tookMs} ms`);
  const { refused, requests, aborted } = await load();
  say(
    `The service saved them in ${requests} batches, at most ${most} at a time; it refused ${refused}, and lost ${aborted} tries to its lock.`,
  );
  assert.ok(most <= LIMIT, `${most} requests at the service at the same time`);
  assert.equal(refused, 0);
  const rows = await counts();
  assert.equal(rows.articles, saved);
  say(
    `  ${Object.entries(rows)
      .map(([table, count]) => `${count} ${table}`)
      .join(', ')}`,
  );

  say(`${untitled} articles have no title. They held up nobody:`);
  await until(
    'what the service refuses is given up',
    async () => (await deadLetters('article-import')).length >= untitled,
  );
  const letters = await deadLetters('article-import');
  for (const { key, reason, error, attempts } of letters)
    say(`  ${key}, ${reason} after ${attempts} attempt: ${error}`);
  assert.equal(letters.length, untitled);
  assert.ok(letters.every(({ error, attempts }) => attempts === 1 && error.includes('An article needs a title.')));

  say('Importing again finds the same jobs: nothing is done twice.');
  const again = await call('POST', '/content/imports', { json: {} });
  assert.partialDeepStrictEqual(await resultAt(client, again.headers.get('location') ?? ''), { articles });
  assert.equal((await load()).requests, requests);
}

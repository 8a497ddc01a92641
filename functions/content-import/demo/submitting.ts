// Queue-based load leveling, example B: a busy API takes work at once, and says
// where its result will be.
import assert from 'node:assert/strict';
import { articleNumber } from '../search-index/articles.ts';
import { type Client, resultAt } from './client.ts';

const SUBMISSIONS = 200;

/** `first`: a number from which on the index has no articles. */
export async function submit(client: Client, first: number, say: (line: string) => void): Promise<void> {
  const { call } = client;
  const json = articleNumber(first);

  say('An editor sends an article: accepted, with the id of the transaction and the place of the result.');
  const headers = { 'idempotency-key': '"first-try"' };
  const accepted = await call('POST', '/content/submissions', { json, headers });
  assert.equal(accepted.status, 202);
  const location = accepted.headers.get('location') ?? '';
  say(`  transaction ${accepted.body.id}, location ${location}`);
  assert.ok(location.includes(String(accepted.body.id)));
  assert.deepEqual(await resultAt(client, location), {
    article: json.id,
    version: 1,
    outcome: 'created',
    at: `/content/articles/${json.id}`,
  });
  const kept = await call('GET', `/content/articles/${json.id}`);
  assert.equal(kept.body.title, json.title);

  say('The connection broke, so the editor sends it again, with the same key: it is the same transaction.');
  const again = await call('POST', '/content/submissions', { json, headers });
  assert.deepEqual([again.status, again.body.id], [202, accepted.body.id]);

  say('The queue refuses an invalid article before it accepts it.');
  assert.equal((await call('POST', '/content/submissions', { json: { ...json, title: '' } })).status, 400);

  say(`${SUBMISSIONS} at once: all are accepted, long before the service has saved them.`);
  const begun = performance.now();
  const answers = await Promise.all(
    Array.from({ length: SUBMISSIONS }, (_, index) =>
      call('POST', '/content/submissions', { json: articleNumber(first + 1 + index) }, 'quietly'),
    ),
  );
  const acceptedMs = performance.now() - begun;
  assert.ok(answers.every(({ status }) => status === 202));
  const locations = answers.map(({ headers }) => headers.get('location') ?? '');
  assert.equal(new Set(locations).size, SUBMISSIONS);
  for (const location of locations)
    assert.partialDeepStrictEqual(await resultAt(client, location), { outcome: 'created' });
  const slowest = Math.max(...answers.map(({ ms }) => ms));
  say(
    `  all accepted after ${Math.round(acceptedMs)} ms, the slowest after ${Math.round(slowest)} ms; all saved after ${Math.round(performance.now() - begun)} ms`,
  );
}

export async function report(client: Client, articles: number, say: (line: string) => void): Promise<void> {
  say('A report goes through all articles. Its client waits as little as for anything else.');
  const accepted = await client.call('POST', '/content/reports', { json: {} });
  assert.equal(accepted.status, 202);
  const result = await resultAt(client, accepted.headers.get('location') ?? '');
  assert.partialDeepStrictEqual(result, { articles });
  const { sections } = result as { sections: Record<string, { articles: number; characters: number }> };
  const counted = Object.entries(sections).map(([section, { articles }]) => `${section} ${articles}`);
  say(`  ${counted.join(', ')}`);
}

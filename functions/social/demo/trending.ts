// /trends: the most viewed, never more than a thousand; of all times, and of the last hour.
import assert from 'node:assert/strict';
import { tweetId } from '../data/tweets.ts';
import type { Client } from './client.ts';

const MOST = 1000;

export async function trend({ call, ask, until }: Client, say: (line: string) => void): Promise<void> {
  const all = await ask(`/trends?top=${MOST}`);
  const scores = all.items.map(({ score }) => Number(score));
  assert.equal(all.items.length, MOST);
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
  );
  say(`  the first was looked at ${scores[0]} times, the last of ${MOST} ${scores.at(-1)} times; more there are not:`);
  assert.equal((await ask(`/trends?top=${MOST + 1}`)).status, 400);

  const id = tweetId(2_999);
  const look = async () => (await call('GET', `/tweets/${id}`)).status === 200;
  // It is shown from a view of its own, which may be the last that has it.
  await until('it is shown', look);
  for (let looks = 1; looks < 3; looks++) assert.ok(await look());
  await until('it is in the trends of the last hour', async () => {
    const now = await call('GET', `/trends/now?key=${id}`);
    return now.status === 200 && now.body.score === 3;
  });
  const now = await ask('/trends/now?top=10');
  assert.deepEqual(
    now.items.map(({ member }) => member),
    [id],
  );
  say('  in the last hour one has been looked at: the others are longer ago');
}

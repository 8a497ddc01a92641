// /timeline: what those say whom one follows, a few or a hundred thousand like oneself.
import assert from 'node:assert/strict';
import { FANS, fan, STAR } from '../data/people.ts';
import { type Client, positionOf, textsOf } from './client.ts';

export async function follow({ call, ask, until }: Client, say: (line: string) => void): Promise<void> {
  const reader = fan(FANS - 1);
  const first = await ask(`/timeline?owner=${reader}&limit=50`);
  assert.equal(first.items.length, 30);
  assert.ok(first.items.every(({ value }) => (value as { author: string }).author === STAR));
  say(
    `  one of ${FANS} who follow ${STAR}: ${first.items.length} tweets, none of which was written into ${FANS} feeds`,
  );

  const told = await call('POST', '/tweets', { author: STAR, text: 'Good evening, all of you!' });
  const evening = await ask(`/timeline?owner=${reader}&limit=1&after=${positionOf(told)}`);
  assert.deepEqual(textsOf(evening), ['Good evening, all of you!']);

  const followed = await call('PUT', `/people/${reader}/follows/new-here`);
  assert.equal(followed.status, 204);
  const small = await call('POST', '/tweets', { author: 'new-here', text: 'Is anybody listening?' });
  const both = await ask(`/timeline?owner=${reader}&limit=2&after=${positionOf(small)}`);
  assert.deepEqual(textsOf(both), ['Is anybody listening?', 'Good evening, all of you!']);
  say('  both are there, in order: the one was written for its only reader, the other is read by all');

  const gone = await call('DELETE', `/tweets/${told.body.id}?after=${positionOf(told)}`);
  assert.equal(gone.status, 204);
  await until('what was taken back is gone', async () => {
    const latest = await call('GET', `/timeline?owner=${reader}&limit=1`);
    return textsOf(latest)[0] === 'Is anybody listening?';
  });
  say(`  and what ${STAR} takes back is gone, from the outbox and from each feed that it may be in`);
}

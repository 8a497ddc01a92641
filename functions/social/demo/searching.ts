// /search: typos, words that sound alike, related terms, suggestions,
// places; and what was just said.
import assert from 'node:assert/strict';
import { type Client, positionOf, textsOf } from './client.ts';

export async function search({ call, ask }: Client, say: (line: string) => void): Promise<void> {
  const found: readonly [why: string, query: string, text: string][] = [
    ['with a typo', 'q=lighthuoses', 'Photographing lighthouses along the coast'],
    ['by another form of the word', 'q=photograph', 'Photographing lighthouses along the coast'],
    ['by its sound', 'q=steven+trumpet', 'Stephen plays the trumpet in the park tonight'],
  ];
  for (const [why, query, text] of found) {
    const answer = await ask(`/search?${query}&limit=3`);
    say(`  ${why}: ${textsOf(answer)[0]}`);
    assert.ok(textsOf(answer).includes(text));
  }
  const related = await ask('/search?q=cycling&limit=3');
  assert.ok(related.items.length > 0 && textsOf(related).every(text => /bicycle/.test(text)));
  say(`  by a related term: ${textsOf(related)[0]}`);
  const suggested = await ask('/search?suggest=old+bic');
  assert.deepEqual(suggested.items, ['old bicycle']);
  say('  completed: old bicycle');
  const near = await ask('/search?q=bread&filter=place:60.4,5.3,50km&highlight=text&limit=50');
  assert.ok(near.items.length > 0 && textsOf(near).every(text => text.endsWith('in Bergen')));
  say(`  near Bergen: ${near.items.length} of them`);

  const said = await call('POST', '/tweets', { author: 'ada-ash', text: 'A zeppelin over the harbour!' });
  assert.equal(said.status, 201);
  const own = await ask(`/search?q=zepelin&after=${positionOf(said)}`);
  assert.deepEqual(textsOf(own), ['A zeppelin over the harbour!']);
  const gone = await call('DELETE', `/tweets/${said.body.id}?after=${positionOf(said)}`);
  assert.equal(gone.status, 204);
  assert.deepEqual(textsOf(await ask(`/search?q=zepelin&after=${positionOf(gone)}`)), []);
  say('  what was said is found at once, and no longer when it was taken back');
}

// Publishes the data, and waits until every view has folded it.
import assert from 'node:assert/strict';
import { FANS, follows, STAR } from '../data/people.ts';
import { TWEETS, tweets, VIEWS, views } from '../data/tweets.ts';
import type { Client, DemoOptions } from './client.ts';

const PAGES = ['/search?q=coffee', '/trends?top=1', '/trends/now?top=1', '/timeline?owner=ada-ash'];

export async function fill({ call, until }: Client, { publish, say }: DemoOptions): Promise<void> {
  const begun = performance.now();
  await publish('follows', follows());
  await publish('tweets.created', tweets());
  await publish('tweets.viewed', views());
  say(`${TWEETS} tweets, ${VIEWS} looks at them, and follows: all ${FANS} follow ${STAR}.`);
  for (const page of PAGES) {
    await until(`${page} is up to date`, async () => {
      const { status, headers } = await call('GET', page);
      assert.equal(status, 200);
      return headers.get('tenfold-behind') === '0';
    });
  }
  say(`  published and in all the views after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

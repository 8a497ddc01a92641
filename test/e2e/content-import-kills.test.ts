// An import whose platform is killed again and again in the middle, while it reads and while it
// saves: everything arrives all the same, once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Prepared, prepare } from '../../functions/content-import/prepare.ts';
import { articleNumber, UNTITLED_EVERY } from '../../functions/content-import/search-index/articles.ts';
import { type PlatformProcess, startPlatformProcess } from './platform-process.ts';

const ARTICLES = 3_000;
const UNTITLED = Math.floor(ARTICLES / UNTITLED_EVERY);
const SAVED = ARTICLES - UNTITLED;
const WITHIN_MS = 3 * 60_000;

describe('an import whose platform is killed', () => {
  let prepared: Prepared;
  let platform: PlatformProcess | undefined;
  before(async () => {
    prepared = await prepare(ARTICLES);
  });
  after(async () => {
    await platform?.kill();
    await prepared.close();
  });

  it('goes on by itself, and does nothing twice', async () => {
    platform = await startPlatformProcess(['serve', prepared.directory]);
    assert.equal((await fetch(`${platform.address}/content/imports`, { method: 'POST' })).status, 202);

    for (const share of [0.2, 0.4, 0.6, 0.8]) {
      await until(`${share} of the articles are saved`, async () => (await savedArticles()) >= SAVED * share);
      await platform.kill();
      assert.ok((await savedArticles()) < SAVED, 'it was killed before the end');
      platform = await startPlatformProcess(['serve', prepared.directory]);
    }

    await until('all articles are saved', async () => (await savedArticles()) === SAVED);
    await until('all that is wrong is given up', async () => (await deadKeys()).length >= UNTITLED);
    const wrong = Array.from({ length: UNTITLED }, (_, index) => articleNumber((index + 1) * UNTITLED_EVERY - 1).id);
    assert.deepEqual((await deadKeys()).sort(), wrong);
    assert.equal(await platform.stop(), 0);
    platform = undefined;
  });

  async function savedArticles(): Promise<number> {
    const answer = await fetch(`${prepared.relational}/counts`);
    // A locked service says 503; then nothing is known.
    return answer.ok ? ((await answer.json()) as { articles: number }).articles : -1;
  }

  async function deadKeys(): Promise<string[]> {
    const state = JSON.parse(readFileSync(join(prepared.directory, '.tenfold/platform.json'), 'utf8'));
    const answer = await fetch(`${state.addresses.admin}/api/dead-letters?kind=Queue&name=article-import&limit=100`, {
      headers: { authorization: `Bearer ${state.adminToken}` },
    });
    const { items } = (await answer.json()) as { items: { key: string }[] };
    return items.map(({ key }) => key);
  }
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

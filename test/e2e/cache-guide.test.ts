// What docs/guides/cache.md shows works as it stands there: over several instances, with a
// Subscription that purges, and over plain HTTP.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlatform } from '../../server/platform.ts';
import { eventually } from '../eventually.ts';
import { startUpstream } from '../fakes/echo-upstream.ts';
import { readBlocks, runLines } from './page-blocks.ts';
import { root } from './platform-process.ts';

describe('docs/guides/cache.md', () => {
  it('has one instance of many ask the source, and forgets by events', async () => {
    const page = readBlocks('docs/guides/cache.md');
    let asked = 0;
    let price = 4;
    const wholesaler = await startUpstream((_request, response) => {
      asked++;
      const body = JSON.stringify({ price });
      setTimeout(() => response.setHeader('content-type', 'application/json').end(body), 300);
    });
    mkdirSync(join(root, '.cache'), { recursive: true });
    const folder = mkdtempSync(join(root, '.cache', 'page-'));
    writeFileSync(
      join(folder, 'app.yaml'),
      page.next('yaml').replace('https://wholesaler.example.com', wholesaler.origin),
    );
    writeFileSync(join(folder, 'prices.ts'), page.next('ts'));
    writeFileSync(join(folder, 'forget-prices.ts'), page.next('ts'));
    // Made sure of by types and by the sample that it is taken from.
    page.next('ts');
    const platform = await startPlatform({
      directory: folder,
      watch: false,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
    });
    try {
      assert.deepEqual(platform.view.catalog.problems, []);
      const { addresses, view } = platform;
      const instances = () => view.functions().find(({ name }) => name === 'prices')?.instances;
      await eventually(() => instances() === 3, 'all instances take requests');
      const ask = async () => {
        const answer = await fetch(`${addresses.public}/prices/v60`);
        assert.equal(answer.status, 200);
        return ((await answer.json()) as { price: number }).price;
      };
      const prices = await Promise.all(Array.from({ length: 30 }, ask));
      assert.deepEqual([new Set(prices), asked], [new Set([4]), 1]);

      price = 5;
      assert.equal(await ask(), 4, 'kept');
      const headers = { 'content-type': 'application/json' };
      const told = await fetch(`${addresses.public}/changes`, { method: 'POST', headers, body: '{"drink":"v60"}' });
      assert.equal(told.status, 204);
      await eventually(async () => (await ask()) === 5, 'the new price is seen');
      assert.equal(asked, 2);

      const state: { internalKey: string } = JSON.parse(
        readFileSync(join(folder, '.tenfold', 'platform.json'), 'utf8'),
      );
      const environment = `export TENFOLD_INTERNAL_URL=${addresses.internal} TENFOLD_INTERNAL_KEY=${state.internalKey}`;
      const lines = page.next('sh').trim().split('\n');
      const [, written, read, refused] = await runLines([environment, ...lines], folder);
      assert.deepEqual([written, read], ['', 'hello']);
      assert.match(refused ?? '', /"status":412/);
      page.end();

      const metrics = await view.metrics();
      assert.match(metrics, /tenfold_cache_endpoint_requests_total\{namespace="default",result="lease"\} 2\n/);
      assert.match(metrics, /tenfold_cache_endpoint_requests_total\{namespace="default",result="purged"\} 1\n/);
    } finally {
      await platform.close(1000);
      await wholesaler.close();
      rmSync(folder, { recursive: true });
    }
  });
});

// What docs/guides/webhooks.md shows works as it stands there: a delivery that comes twice is one
// event, and calls the function once.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlatform } from '../../server/platform.ts';
import { eventually } from '../eventually.ts';
import { readBlocks, runLines } from './page-blocks.ts';
import { root } from './platform-process.ts';

describe('docs/guides/webhooks.md', () => {
  it('takes a signed delivery once', async () => {
    const page = readBlocks('docs/guides/webhooks.md');
    mkdirSync(join(root, '.cache'), { recursive: true });
    const directory = mkdtempSync(join(root, '.cache', 'page-'));
    writeFileSync(join(directory, 'app.yaml'), page.next('yaml'));
    writeFileSync(join(directory, 'paid.ts'), page.next('ts'));
    await runLines([page.next('sh')], directory);
    const ports = { public: 0, internal: 0, admin: 0 };
    const platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    try {
      assert.deepEqual(platform.view.catalog.problems, []);
      const { addresses } = platform;
      const send = page.next('sh').replaceAll('http://127.0.0.1:8080', addresses.public);
      const [printed = ''] = await runLines([send], directory);
      assert.equal(printed.match(/^HTTP\/1.1 204 /gm)?.length, 2, printed);
      const [place, ...others] = [...new Set(printed.match(/^tenfold-position: .*/gm))];
      assert.match(place ?? '', /billing@\d+:0/);
      assert.deepEqual(others, [], 'a repeat has the place of the first');
      const called = async () => {
        const answer = await fetch(`${addresses.admin}/api/functions/default/paid/lines`, {
          headers: { authorization: `Bearer ${platform.adminToken}` },
        });
        return (await answer.text()).match(/an invoice was paid/g)?.length;
      };
      await eventually(async () => (await called()) === 1, 'the function was called');
      page.end();
    } finally {
      await platform.close(1000);
      rmSync(directory, { recursive: true });
    }
  });
});

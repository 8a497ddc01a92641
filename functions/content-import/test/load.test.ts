// Watching an import, and drawing what was seen.
import assert from 'node:assert/strict';
import { toSvg } from '../load/chart.ts';
import { sendSteadily } from '../load/clients.ts';
import { clientTable, importTable } from '../load/table.ts';
import { type Seen, watch } from '../load/watch.ts';
import { importAtOnce } from '../load/without-queue.ts';
import { articles } from '../search-index/articles.ts';
import { startService } from './service.ts';

const none: Seen = { atMs: 0, running: 0, waiting: 0, aborted: 0, refused: 0, requests: 0, articles: 0, tookMs: 0 };

describe('the load of an import', () => {
  it('is watched until every article is saved, also those that were refused at first', async () => {
    const service = await startService({ connections: 1, waiting: 1, roundTripMs: 1 });
    try {
      const signal = AbortSignal.timeout(120_000);
      const importing = importAtOnce({ service: service.url, articles: articles(20), batch: 5, signal });
      const [seen] = await Promise.all([watch(service.url, 20, signal), importing]);
      assert.partialDeepStrictEqual(seen.at(-1), { articles: 20, requests: 4 });
      assert.ok((seen.at(-1)?.refused ?? 0) > 0);
    } finally {
      await service.close();
    }
  });

  it('is drawn with the same scale for all runs', () => {
    const run = (name: string, most: number) => ({ name, seen: [none, { ...none, atMs: 1_000, running: most }] });
    const svg = toSvg([run('quiet & slow', 2), run('loud', 80)]);
    const heights = [...svg.matchAll(/<polyline points="[\d.]+,([\d.]+)"/g)].map(([, y]) => Number(y));
    const [quiet = 0, loud = 0] = heights;
    assert.equal(heights.length, 8);
    // 100 is the top of the scale, 70 units above zero.
    assert.ok(Math.abs(quiet - loud - (78 / 100) * 70) < 0.2, `${quiet}, ${loud}`);
    assert.match(svg, />quiet &#38; slow: 1.0 s</);
  });

  it('draws rates as what happened between two moments', () => {
    const seen = [none, { ...none, atMs: 500, articles: 50 }, { ...none, atMs: 1_000, articles: 50 }];
    const saved = toSvg([{ name: 'run', seen }]).split('articles saved per second')[1] ?? '';
    const [, points = ''] = /<polyline points="([^"]+)"/.exec(saved) ?? [];
    const [first, second] = points.split(' ').map(point => Number(point.split(',')[1]));
    assert.equal(Math.round((second ?? 0) - (first ?? 0)), 70);
  });

  it('is told in figures', () => {
    const seen = [
      none,
      { ...none, atMs: 900, running: 3, waiting: 4 },
      { ...none, atMs: 2_000, requests: 2, articles: 5_000, tookMs: 30 },
    ];
    assert.match(importTable([{ name: 'run', seen }]), /^\| run \| 2\.0 s \| 5,000 \| 15 ms \| 7 \| 0 \| 0 \|$/m);
  });

  it('tells how long clients wait who send at a steady rate, and how many are refused', async () => {
    const service = await startService({ connections: 1, waiting: 1, roundTripMs: 5 });
    try {
      const waited = await sendSteadily({
        url: `${service.url}/articles`,
        articles: articles(20),
        toBody: article => ({ articles: [article] }),
        rate: 400,
        signal: AbortSignal.timeout(120_000),
      });
      const { articles: saved } = (await service.ask('/load')).body;
      assert.equal(waited.sent, 20);
      assert.ok(waited.refused > 0);
      assert.equal(waited.refused + Number(saved), 20);
      // One transaction has more than ten round trips.
      assert.ok(waited.p50Ms > 50 && waited.p99Ms >= waited.p50Ms);
      const row = clientTable([{ rate: 400, direct: waited, queued: { ...waited, refused: 0 }, queuedSavedMs: 1_500 }]);
      assert.match(
        row,
        new RegExp(`^\\| 400 \\| [\\d,]+ / [\\d,]+ ms \\| ${waited.refused} \\| .* \\| 0 \\| 1\\.5 s \\|$`, 'm'),
      );
    } finally {
      await service.close();
    }
  });
});

// `tenfold aggregate` against an admin server: the parts over the newest requests, and one request.
import assert from 'node:assert/strict';
import type { AggregateRequests } from '../../../admin/platform-view.ts';
import type { RequestReport } from '../../../gateway/plan/requests-report.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const request: RequestReport = {
  at: '2026-11-30T00:00:00.000Z',
  trace: 'a'.repeat(32),
  tookMs: 300,
  partsMs: 300,
  status: 200,
  parts: [
    { name: 'order', outcome: 'ok', beganMs: 0, tookMs: 100, waitsFor: [] },
    { name: 'customer', outcome: 'ok', ageMs: 3_000, beganMs: 100, tookMs: 0.25, waitsFor: ['order'] },
    { name: 'ads', outcome: 'fallback', reason: 'timeout', beganMs: 0, tookMs: 300, critical: true, waitsFor: [] },
    { name: 'gift', outcome: 'skipped', reason: 'condition', waitsFor: ['order'] },
  ],
};
const report: AggregateRequests = {
  process: { host: 'gateway-7', role: 'gateway', startedAt: '2026-11-30T00:00:00Z' },
  counted: 4,
  parts: [
    { name: 'ads', calls: 4, p50Ms: 300, p95Ms: 1_250, failed: 4, critical: 3 },
    { name: 'gift', calls: 0, failed: 0, critical: 0 },
  ],
  newest: [request],
  slowest: [],
};

describe('aggregate', () => {
  let admin: AnnouncedAdmin;
  let folder: string;
  const asked: unknown[] = [];
  before(async () => {
    folder = tempFolder();
    const resources = [fakeResource('Aggregate', 'invoice', { namespace: 'books' })];
    const requests = (...of: unknown[]) => {
      asked.push(of);
      return report;
    };
    admin = await announceAdmin(fakeView({ aggregates: { requests }, resources }), folder);
  });
  after(() => {
    admin.close();
    removeTempFolders();
  });
  const run = (...words: string[]) => runCli(['aggregate', 'invoice', ...words], { cwd: folder });

  it('shows each part over the newest requests, and the newest request on one axis of time', async () => {
    const { code, stdout, stderr } = await run('-n', 'shop');
    assert.equal(code, 0);
    assert.deepEqual(asked.at(-1), ['shop', 'invoice', 100]);
    assert.deepEqual(stdout.replace(/came \S+ ago/, 'came long ago').split('\n'), [
      'PART   CALLS   P50     P95     FAILED   MADE IT LATE',
      'ads    4       300ms   1.25s   100%     75%',
      'gift   0       -       -       -        0%',
      '',
      `The newest request came long ago and took 300ms: 200, trace ${request.trace}`,
      'PART       AFTER   BEGAN   TOOK    OUTCOME             TIME',
      'order      -       0ms     100ms   ok                  ----------',
      'customer   order   100ms   0.3ms   ok 3s old                     -',
      'ads        -       0ms     300ms   fallback timeout    ##############################',
      'gift       order   -       -       skipped condition',
      '',
    ]);
    assert.match(stderr, /4 requests of the gateway process on gateway-7/);
  });

  it('says so where the process has answered none', async () => {
    const { code, stdout, stderr } = await run('--slowest');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /the gateway process on gateway-7 has answered no request of the last hour/);
  });

  it('finds the Aggregate in whichever namespace it is', async () => {
    await run();
    assert.deepEqual(asked.at(-1), ['books', 'invoice', 100]);
    const { code, stderr } = await runCli(['aggregate', 'invoise'], { cwd: folder });
    assert.equal(code, 3);
    assert.match(stderr, /There is no Aggregate "invoise". Did you mean "invoice"\?/);
  });

  it('shows the same as data', async () => {
    assert.deepEqual(JSON.parse((await run('-o', 'json')).stdout), report);
  });
});

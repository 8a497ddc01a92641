// `tenfold strangler` against an admin server: what is shown, what is asked for, and what is
// said when it makes no sense.
import assert from 'node:assert/strict';
import type { FeatureMove } from '../../../admin/platform-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { type AnnouncedAdmin, announceAdmin } from '../../fakes/admin-server.ts';
import { fakeView } from '../../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../../fakes/strangler-report.ts';
import { assertGolden } from '../golden.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const orders = fakeFeature('orders', {
  phase: 'shadow',
  declared: { phase: 'legacy', percent: 0 },
  switched: { by: 'command', at: '2026-11-25T00:00:00.000Z', reason: 'quiet morning' },
  sides: {
    legacy: { requests: 120, failed: 1, latency: { p50: 4.1, p95: 9, p99: 20 } },
    new: { requests: 100, failed: 2, latency: { p50: 1.2, p95: 3, p99: 7 } },
  },
  shadow: {
    compared: 98,
    mismatched: 5,
    masked: 60,
    measured: 90,
    uncompared: { 'too-large': 2 },
    skipped: { unsafe: 20 },
    noise: { '/generatedAt': 90 },
    places: [
      { at: '/generatedAt', differs: 97, noise: 90, verdict: 'noise' },
      { at: '/total', differs: 5, noise: 0, verdict: 'mismatch' },
    ],
    placesLeftOut: false,
    examples: [
      {
        at: 1,
        count: 5,
        method: 'GET',
        path: '/orders/00',
        more: 3,
        trace: '0af7651916cd43dd8448eb211c80319c',
        differences: [{ at: '/total\u001b[31m', legacy: '00.0', new: '"00.0"', note: 'same value, other type' }],
      },
    ],
  },
  promotion: {
    verdict: 'stay',
    because: 'Too many differences.',
    windowMs: 600_000,
    window: { requests: 100, failed: 2, compared: 98, measured: 90, uncompared: 2, mismatched: 5, masked: 60 },
    gateways: 1,
  },
  sync: {
    topic: 'orders.changed',
    target: 'function orders-to-legacy',
    state: 'running',
    maxLagMs: 30_000,
    lag: 12,
    ageMs: 45_000,
    heldKeys: 1,
    delivered: 340,
    returned: 98,
    behind: 'Legacy is 45s behind (12 changes, at most 30s); keys that wait for a person: 1.',
  },
  moves: [
    {
      at: '2026-11-25T00:00:00.000Z',
      from: { phase: 'legacy', percent: 0 },
      to: { phase: 'shadow', percent: 0 },
      by: 'command',
      reason: 'quiet morning',
    },
  ],
});

describe('strangler', () => {
  let admin: AnnouncedAdmin;
  let folder: string;
  let moves: [string, string, string, FeatureMove][];
  let stranglers = [fakeStrangler('shop', [orders, fakeFeature('cart')])];

  beforeEach(async () => {
    folder = tempFolder();
    moves = [];
    stranglers = [fakeStrangler('shop', [orders, fakeFeature('cart')])];
    admin = await announceAdmin(
      fakeView({
        stranglers: {
          list: () => stranglers,
          get: () => assert.fail('nobody asks for one'),
          async move(namespace, name, feature, move) {
            moves.push([namespace, name, feature, move]);
            if (move.action === 'back-out') throw new TenfoldError('conflict', 'Legacy answers already.');
            return { ...orders, phase: 'canary', percent: 25 };
          },
        },
      }),
      folder,
    );
  });
  afterEach(() => {
    admin.close();
    removeTempFolders();
  });
  const run = (...words: string[]) => runCli(['strangler', ...words], { cwd: folder });

  for (const [golden, words] of [
    ['all', ['show']],
    ['one', ['show', 'shop', 'orders']],
  ] as const) {
    it(`shows ${golden}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stderr], [0, '']);
      assertGolden(`strangler/${golden}.txt`, stdout);
    });
  }

  it('shows the same as data', async () => {
    assert.deepEqual(JSON.parse((await run('show', 'shop', 'orders', '-o', 'json')).stdout), orders);
    const all = JSON.parse((await run('show', '-o', 'json')).stdout);
    assert.deepEqual(all, { items: JSON.parse(JSON.stringify(stranglers)) });
  });

  it('says so when there is nothing', async () => {
    stranglers = [];
    assert.deepEqual(await run('show'), { code: 0, stdout: '', stderr: 'No features.\n' });
  });

  const wishes: { words: string[]; move: FeatureMove }[] = [
    {
      words: ['set', 'shop', 'orders', 'canary', '--percent', '25%', '--reason', 'why not'],
      move: { action: 'set', phase: 'canary', percent: 25, reason: 'why not', force: false },
    },
    {
      words: ['set', 'shop', 'orders', 'live'],
      move: { action: 'set', phase: 'live', percent: undefined, reason: 'Set by command.', force: false },
    },
    { words: ['promote', 'shop', 'orders'], move: { action: 'promote', reason: 'Moved by command.', force: false } },
    {
      words: ['promote', 'shop', 'orders', '--force'],
      move: { action: 'promote', reason: 'Moved by command.', force: true },
    },
  ];
  for (const { words, move } of wishes) {
    it(words.join(' '), async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.deepEqual([code, stdout], [0, 'shop orders: shadow → canary 25%\n']);
      assert.match(
        stderr,
        /The resource says legacy\. Write phase: canary, canary\.percent: 25 there to make it last\./,
      );
      assert.deepEqual(moves, [['default', 'shop', 'orders', move]]);
    });
  }

  const mistakes: { words: string[]; code: number; says: RegExp; more?: boolean }[] = [
    { words: ['back-out', 'shop', 'orders'], code: 4, says: /Legacy answers already/ },
    { words: ['set', 'shop', 'orders'], code: 2, says: /in which phase.*\nNext: name one: legacy/ },
    { words: ['set', 'shop', 'orders', 'lvie'], code: 2, says: /Allowed choices are legacy, shadow/ },
    { words: ['set', 'shop', 'orders', 'canary', '--percent', '101'], code: 2, says: /no whole percentage/ },
    { words: ['set', 'shop', 'orders', 'live', '--percent', '10'], code: 4, says: /belongs to the phase canary/ },
    { words: ['promote', 'shop'], code: 2, says: /not said which feature/ },
    { words: ['promote', 'shop', 'orders', 'live'], code: 2, says: /takes neither a phase/ },
    { words: ['promote', 'shop', 'odrers'], code: 3, says: /has no feature "odrers"\. Did you mean "orders"\?/ },
    { words: ['show', 'shpo'], code: 3, says: /no Strangler "shpo"\. Did you mean "shop"\?/ },
    { words: ['kill'], code: 2, says: /Allowed choices/ },
  ];
  for (const { words, code, says } of mistakes) {
    it(`${words.join(' ')}: ${code}`, async () => {
      const answer = await run(...words);
      assert.equal(answer.code, code, answer.stderr);
      assert.match(answer.stderr, says);
      assert.equal(answer.stdout, '');
    });
  }

  it('asks which namespace when there are several', async () => {
    stranglers = [...stranglers, fakeStrangler('shop', [orders], 'other')];
    assert.match((await run('promote', 'shop', 'orders')).stderr, /several namespaces.*\nNext: choose one/);
    assert.equal((await run('promote', 'shop', 'orders', '-n', 'other')).code, 0);
    assert.equal(moves[0]?.[0], 'other');
  });
});

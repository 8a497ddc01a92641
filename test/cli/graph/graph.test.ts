// `tenfold graph`: a line for each edge, data for programs, and text for programs that draw.
import assert from 'node:assert/strict';
import { shopView } from '../../admin/graph/shop.ts';
import { type AdminRun, startAdminRun } from '../events/admin-run.ts';
import { assertGolden } from '../golden.ts';

describe('graph', () => {
  let admin: AdminRun | undefined;
  afterEach(() => {
    admin?.close();
    admin = undefined;
  });
  const run = async (...words: string[]) => {
    admin = await startAdminRun({}, { view: shopView({ delivered: 40, requests: 12, away: false }) });
    return admin.run(['graph', ...words]);
  };

  for (const [name, ...words] of [
    ['all.txt'],
    ['node.txt', '--node', 'subscription/wall', '-n', 'shop'],
    ['groups.txt', '--group', 'kind'],
    ['mermaid.txt', '-o', 'mermaid', '--kind', 'topics,subscriptions,url'],
    ['dot.txt', '-o', 'dot', '--kind', 'topics,subscriptions,url'],
  ] as const) {
    it(`prints ${name.replace('.txt', '')}`, async () => {
      const { code, stdout, stderr } = await run(...words);
      assert.equal(code, 0, stderr);
      assertGolden(`graph/${name}`, stdout);
    });
  }

  it('gives data', async () => {
    const { stdout } = await run('-o', 'json');
    assert.equal(JSON.parse(stdout).edges.length, 17);
  });

  it('ends with 3 for a node that there is not, and names the nearest', async () => {
    const { code, stderr } = await run('--node', 'topic/ordres', '-n', 'shop');
    assert.equal(code, 3);
    assert.match(stderr, /Did you mean "Topic\/shop\/orders"\?/);
  });
});

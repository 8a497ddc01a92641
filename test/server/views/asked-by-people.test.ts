// Asking a View by the admin API: the answer that a client gets, and what is refused.
import assert from 'node:assert/strict';
import type { ViewRows } from '../../../admin/asking/ask-view.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { Target } from '../../../gateway/exchange/target.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { answerCall } from '../../../gateway/upstream/answer-call.ts';
import { createAskControl } from '../../../server/admin/ask-control.ts';
import { noLines } from '../../../server/functions/kept-lines.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 2, key: "\${event.data.user}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: readers }
spec: { from: [clicks], table: { key: "\${event.data.user}", indexes: [page] }, query: { maxLimit: 5 } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /clicks }, to: { topic: clicks } }] }
`;

describe('a View that a person asks', () => {
  let platform: Platform;
  before(async () => {
    const directory = tempFolder({ 'app.yaml': APP });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    await eventually(() => platform.view.readiness().ready, 'the platform is ready');
    for (let user = 0; user < 8; user++) {
      const body = JSON.stringify({ user: `u${user}`, page: user < 7 ? '/home' : '/away' });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${platform.addresses.public}/clicks`, { method: 'POST', headers, body });
      assert.equal(answer.status, 204);
    }
    await eventually(async () => (await platform.view.events.views())[0]?.folded === 8, 'all are folded');
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });
  const ask = async (query: readonly (readonly string[])[], view = 'readers') => {
    const answer = await fetch(`${platform.addresses.admin}/api/views/default/${view}/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return { status: answer.status, body: (await answer.json()) as ViewRows & { detail: string } };
  };

  it('answers with the row, and how fresh it is', async () => {
    const { status, body } = await ask([['key', 'u3']]);
    assert.deepEqual([status, body.answer, body.behind], [200, { user: 'u3', page: '/home' }, 0]);
    assert.ok(Date.parse(body.asOf ?? '') > 0);
  });

  it('answers in pages, of which none lacks a row', async () => {
    const users: string[] = [];
    let after: string | undefined;
    do {
      const query = [
        ['index', 'page'],
        ['value', '/home'],
        ['limit', '3'],
        ...(after === undefined ? [] : [['after', after]]),
      ];
      const { answer } = (await ask(query)).body;
      const { items, next } = answer as { items: { key: string }[]; next?: string };
      assert.ok(items.length <= 3);
      users.push(...items.map(({ key }) => key));
      after = next;
    } while (after !== undefined);
    assert.deepEqual(users.toSorted(), ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6']);
  });

  for (const [title, query, view, status, words] of [
    ['a key that no row has', [['key', 'nobody']], 'readers', 404, /no row with this key/],
    ['a View that is none', [['key', 'u1']], 'nothing', 404, /no View "nothing"/],
    ['nothing that is asked', [], 'readers', 400, /one of these is needed/],
    [
      'more rows than the View allows',
      [
        ['index', 'page'],
        ['limit', '6'],
      ],
      'readers',
      400,
      /from 1 to 5/,
    ],
    [
      'more parameters than there may be',
      Array.from({ length: 33 }, () => ['value', 'x']),
      'readers',
      400,
      /at most 32/,
    ],
  ] as const)
    it(`refuses ${title}`, async () => {
      const answer = await ask(query, view);
      assert.equal(answer.status, status, answer.body.detail);
      assert.match(answer.body.detail, words);
    });

  it('refuses an answer that is too large, and says how to ask for less', async () => {
    const large = Buffer.from(JSON.stringify({ items: ['x'.repeat(5 << 20)] }));
    const target: Target = {
      label: 'view large',
      send: call => answerCall(call, 200, ['content-type', 'application/json'], large),
    };
    const inForce = { eventTarget: () => target, functionTarget: () => undefined, resources: undefined };
    const keys = createCallerKeys('a secret');
    const asks = createAskControl({ world: realWorld, inForce, keys, lines: noLines });
    const asked = asks.view({ namespace: 'default', name: 'large', query: [] }, new AbortController().signal);
    await assert.rejects(asked, (error: unknown) => {
      return error instanceof TenfoldError && error.code === 'query-too-large' && /with "limit"/.test(error.message);
    });
  });
});

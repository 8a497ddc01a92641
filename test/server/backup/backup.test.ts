// A back-up under load: it is of one moment, has all that was acknowledged before it began, and is
// restored elsewhere after the original was killed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { run } from '../../../cli/run.ts';
import { realWorld } from '../../../core/world.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { startPlatformProcess } from '../../e2e/platform-process.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 2, key: "\${event.data.shop}", maxSize: 64Ki, claimCheck: {} }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: totals }
spec:
  from: [orders]
  ranking:
    member: "\${event.data.shop}"
    score: "\${event.data.n}"
    mode: sum
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /totals }, to: { view: totals } }
`;

const state = z.object({ addresses: z.object({ admin: z.string() }), adminToken: z.string() });

async function command(cwd: string, ...words: string[]) {
  const terminal = fakeTerminal({ cwd });
  return { code: await run(words, terminal), out: terminal.stdout, err: terminal.stderr };
}

describe('a back-up', () => {
  afterEach(removeTempFolders);

  it('under load has all that was acknowledged before, of one moment, and is what a platform starts from', async () => {
    const folder = tempFolder({ 'app.yaml': APP });
    const platform = await startPlatformProcess(['serve', folder]);
    const { addresses, adminToken } = state.parse(
      JSON.parse(readFileSync(join(folder, '.tenfold/platform.json'), 'utf8')),
    );
    const acknowledged: number[] = [];
    let stopped = false;
    const publish = async (n: number) => {
      const large = n % 20 === 0 ? 'x'.repeat(100_000) : '';
      const answer = await fetch(`${platform.address}/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'ce-specversion': '1.0',
          'ce-id': `o${n}`,
          'ce-source': '/t',
          'ce-type': 'Ordered',
        },
        body: JSON.stringify({ shop: `s${n % 5}`, n: 1, number: n, large }),
      });
      if (answer.ok) acknowledged.push(n);
    };
    const load = (async () => {
      for (let n = 0; !stopped; n += 4) await Promise.all([0, 1, 2, 3].map(more => publish(n + more).catch(() => {})));
    })();
    await eventually(() => acknowledged.length > 300, 'some are there');
    const before = [...acknowledged];
    const target = join(tempFolder(), 'backup');
    const made = await command(
      folder,
      'backup',
      target,
      '--rate',
      '4',
      '--admin',
      addresses.admin,
      '--token',
      adminToken,
    );
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /all as it was at .* objects with/);
    const during = acknowledged.length;
    assert.ok(during > before.length, 'publishers went on meanwhile');
    const again = await command(folder, 'backup', target, '--admin', addresses.admin, '--token', adminToken);
    assert.notEqual(again.code, 0);
    assert.match(again.err, /is there already/);
    await platform.kill();
    stopped = true;
    await load;

    const other = tempFolder({ 'app.yaml': APP });
    const restored = await command(other, 'restore', target);
    assert.equal(restored.code, 0, restored.err);
    const twice = await command(other, 'restore', target);
    assert.notEqual(twice.code, 0);
    assert.match(twice.err, /tenfold\.db.* already, and nothing is overwritten/);
    assert.equal((await command(other, 'doctor')).code, 0);
    const storage = await openStorage(realWorld, join(other, '.tenfold/data'));
    assert.ok(storage);
    const found = new Map<string, number>();
    let large = 0;
    for (const [partition, { start, end }] of ((await storage.log.bounds('default.orders')) ?? []).entries()) {
      for (let at = start; at < end; ) {
        const { records, next } = await storage.log.read('default.orders', partition, at, {
          maxRecords: 500,
          maxBytes: 1 << 22,
        });
        for (const { headers } of records) {
          const id = String(headers['ce_id']);
          found.set(id, (found.get(id) ?? 0) + 1);
          const ref = headers['ce_dataref'];
          if (ref === undefined) continue;
          large++;
          const data = String(ref).split('/').at(-1) ?? '';
          const key = `expiring/${data.slice(0, 13)}/data/default/orders/${data}`;
          assert.ok(await storage.blobs.head(key), `the data of ${id} is there`);
        }
        at = next;
      }
    }
    for (const n of before) assert.equal(found.get(`o${n}`), 1, `o${n}`);
    await storage.close();
    const small = found.size - large;

    // Positions and state are of the same moment: what is folded after the
    // start is each event once.
    const second = await startPlatformProcess(['serve', other]);
    const scores = z.object({ items: z.array(z.object({ score: z.number() })) });
    let said = '';
    const total = async () => {
      const answer = await fetch(`${second.address}/totals?top=10`);
      said = await answer.text();
      return answer.ok ? scores.parse(JSON.parse(said)).items.reduce((sum, { score }) => sum + score, 0) : undefined;
    };
    // Large events are folded without their data where that is not read.
    await eventually(async () => (await total()) === small, 'each event is counted once').catch(error => {
      throw new Error(`${said}: ${small} of ${found.size}`, { cause: error });
    });
    await second.stop();
  });

  it('that was not finished or is damaged is not restored, and leaves nothing behind', async () => {
    const folder = tempFolder({ 'app.yaml': APP });
    const platform = await startPlatformProcess(['serve', folder]);
    const target = join(tempFolder(), 'backup');
    const { addresses, adminToken } = state.parse(
      JSON.parse(readFileSync(join(folder, '.tenfold/platform.json'), 'utf8')),
    );
    await fetch(`${platform.address}/orders`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'one',
        'ce-source': '/t',
        'ce-type': 'Ordered',
      },
      body: JSON.stringify({ shop: 's', n: 1, large: 'x'.repeat(100_000) }),
    });
    // Whoever asked has left: nothing stays of what was begun.
    const gone = new AbortController();
    const answer = await fetch(`${addresses.admin}/api/backup`, {
      method: 'POST',
      signal: gone.signal,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: target, bytesPerSecond: 65_536 }),
    });
    assert.equal(answer.status, 200);
    gone.abort();
    await eventually(() => !existsSync(`${target}.unfinished`) && !existsSync(target), 'nothing is left');
    const made = await command(folder, 'backup', target, '--admin', addresses.admin, '--token', adminToken);
    assert.equal(made.code, 0, made.err);
    await platform.stop();

    const faults: readonly (readonly [string, (path: string) => void, RegExp])[] = [
      ['manifest', path => rmSync(join(path, 'backup.json')), /is no back-up, or one that was not finished/],
      ['database', path => truncateSync(join(path, 'tenfold.db'), 5000), /it is damaged\. Take another/],
      [
        'objects',
        path => {
          const names = readdirSync(join(path, 'blobs/expiring'), { recursive: true, encoding: 'utf8' });
          const name = names.find(each => /~/.test(each)) ?? '';
          writeFileSync(join(path, 'blobs/expiring', name), 'other');
        },
        /The back-up is damaged: .*Nothing was put in place/,
      ],
    ];
    for (const [what, damage, words] of faults) {
      const copy = join(tempFolder(), what);
      const { cpSync } = await import('node:fs');
      cpSync(target, copy, { recursive: true });
      damage(copy);
      const other = tempFolder({});
      const refused = await command(other, 'restore', copy);
      assert.notEqual(refused.code, 0, what);
      assert.match(refused.err, words);
      assert.equal(existsSync(join(other, '.tenfold/data/tenfold.db')), false);
      const then = await command(other, 'restore', target);
      assert.equal(then.code, 0, then.err);
    }
  });
});

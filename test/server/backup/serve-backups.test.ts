// `tenfold serve` with a folder for back-ups: it makes one by itself, which can be restored.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { run } from '../../../cli/run.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { startPlatformProcess } from '../../e2e/platform-process.ts';
import { eventually } from '../../eventually.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;
/** The first is made half a minute after the start. */
const WITHIN_MS = 120_000;

const state = z.object({ addresses: z.object({ admin: z.string() }), adminToken: z.string() });

describe('a platform with a folder for back-ups', function () {
  this.timeout(2 * WITHIN_MS);
  afterEach(removeTempFolders);

  it('makes one by itself, tells so by metrics, and it can be restored', async () => {
    const [application, copies, empty] = [tempFolder({ 'app.yaml': APP }), tempFolder(), tempFolder()];
    const env = { TENFOLD_BACKUPS_FOLDER: copies, TENFOLD_BACKUPS_KEEP: '2' };
    const platform = await startPlatformProcess(['serve', application], undefined, undefined, env);
    try {
      const headers = { 'content-type': 'application/json' };
      const sent = await fetch(`${platform.address}/orders`, { method: 'POST', headers, body: '{"id":1}' });
      assert.ok(sent.ok, `${sent.status}`);
      const made = () => readdirSync(copies).filter(name => /^tenfold-\d{8}T\d{6}Z$/.test(name));
      await eventually(() => made().length === 1, 'the back-up is there', WITHIN_MS);
      const { addresses, adminToken } = state.parse(
        JSON.parse(readFileSync(join(application, '.tenfold/platform.json'), 'utf8')),
      );
      const authorization = `Bearer ${adminToken}`;
      const told = async () => (await fetch(`${addresses.admin}/metrics`, { headers: { authorization } })).text();
      await eventually(async () => /^tenfold_backup_late 0$/m.test(await told()), 'it is not late', WITHIN_MS);
      assert.match(await told(), /^tenfold_backup_newest_timestamp_seconds 1\.?\d+/m);
      const terminal = fakeTerminal({ cwd: empty });
      const words = ['restore', join(copies, made()[0] ?? ''), '--data', join(empty, 'data')];
      assert.equal(await run(words, terminal), 0, terminal.stderr);
      assert.ok(existsSync(join(empty, 'data/tenfold.db')));
    } finally {
      await platform.stop();
    }
    assert.deepEqual(
      readdirSync(copies).filter(name => name.endsWith('.unfinished')),
      [],
    );
  });
});

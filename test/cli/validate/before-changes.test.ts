// Commands that build from an application, or bring it into a cluster: of a wrong one they name all
// at once, as `tenfold validate` does.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError, prepare } from '../../../cli/apply/prepare.ts';
import { runCli } from '../run-cli.ts';

/** A name that is missing, and behind it a body that only compiling finds too large. */
const WRONG = `apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: lost }
spec: { topic: absent, to: { url: "http://127.0.0.1:9" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: reports }
spec:
  on: { http: { maxBody: 4Mi } }
  split: "\${event.data}"
  worker: { url: "http://127.0.0.1:9" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: menu }
spec: { source: ./menu.ts }
`;

describe('a wrong application', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-wrong-'));
  const terminal = { cwd: folder, stdin: process.stdin };
  before(() => {
    writeFileSync(join(folder, 'app.yaml'), WRONG);
    writeFileSync(join(folder, 'menu.ts'), 'export default () => new Response();\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is applied nowhere: everything wrong is named at once', async () => {
    const { problems, bundles } = await prepare([folder], 'shop', terminal);
    assert.deepEqual(
      problems.filter(isError).map(({ path }) => path),
      ['spec.topic', 'spec.on.http.maxBody'],
    );
    assert.equal(bundles.size, 0);
  });

  it('makes no image: everything wrong is named at once', async () => {
    const { code, stderr } = await runCli(['build', folder, '--tar', folder]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /topic "?absent"?/i);
    assert.match(stderr, /at most 3Mi/);
    assert.match(stderr, /2 errors: nothing was built/);
  });
});

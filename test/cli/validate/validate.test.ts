// `tenfold validate`: every problem of every file with its code frame,
// summary, formats and exit codes.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { assertGolden } from '../golden.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const head = (kind: string, name: string) =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

const GOOD = `${head('Function', 'orders')}spec: { source: ./orders.ts }\n`;
const API = `${head('Api', 'shop')}spec:
  basePath: /shop
  routes:
    - match: { method: GET, path: /orders }
      to: { function: oders }
`;
const BAD = `${head('Function', 'menu')}spec:
  source: ./menu.ts
  timeout: 5 seconds
  concurency: 3
---
${head('Funtion', 'x')}spec: {}
`;
const FOREIGN = `${GOOD}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n`;
const FAN_OUT = `${head('FanOut', 'thumbnails')}spec:
  on: { http: {} }
  split: "\${event.data}"
  worker: { url: "http://thumbnails.example" }
`;
const SOURCES = { 'orders.ts': 'export default () => 1;', 'menu.ts': 'export default () => 1;' };

describe('validate', () => {
  afterEach(removeTempFolders);

  it('says that nothing is wrong, on stderr only', async () => {
    const result = await runCli(['validate'], { cwd: tempFolder({ ...SOURCES, 'app.yaml': GOOD }) });
    assert.deepEqual(result, { code: 0, stdout: '', stderr: 'no problems, 1 resource checked in 1 file\n' });
  });

  const rows = [
    { golden: 'all-errors', files: { 'app.yaml': GOOD, 'api/shop.yaml': API, 'menu.yaml': BAD }, words: [], code: 1 },
    { golden: 'warning', files: { 'app.yaml': FOREIGN }, words: [], code: 0 },
    { golden: 'older-yaml', files: { 'app.yaml': FAN_OUT }, words: [], code: 0 },
    { golden: 'warning-strict', files: { 'app.yaml': FOREIGN }, words: ['--strict'], code: 1 },
    { golden: 'no-yaml', files: { 'app.yaml': `${head('Function', 'orders')}spec: {\n` }, words: [], code: 1 },
    { golden: 'one-file', files: { 'app.yaml': GOOD, 'menu.yaml': BAD }, words: ['app.yaml'], code: 0 },
    { golden: 'json', files: { 'app.yaml': FOREIGN, 'api.yaml': API }, words: ['--output', 'json'], code: 1 },
    { golden: 'no-resources', files: { 'package.json': '{}' }, words: [], code: 0 },
    { golden: 'no-resources-in-a-file', files: { 'package.json': '{}' }, words: ['package.json'], code: 0 },
    { golden: 'stdin', files: {}, words: ['-'], stdin: API, code: 1 },
  ];
  for (const { golden, files, words, stdin, code } of rows) {
    it(`prints ${golden} and ends with ${code}`, async () => {
      const cwd = tempFolder({ ...SOURCES, ...files });
      const result = await runCli(['validate', ...words], { cwd, ...(stdin === undefined ? {} : { stdin }) });
      assert.equal(result.code, code, result.stderr);
      const text = `# stdout\n${result.stdout}# stderr\n${result.stderr}`;
      assertGolden(`validate/${golden}.txt`, text.replaceAll(cwd, '<folder>'));
    });
  }

  it('finds what a platform would refuse to serve', async () => {
    const api = API.replace('oders', 'orders').replace(
      'basePath: /shop',
      'basePath: /shop\n  auth: { jwt: { issuer: me, audience: shop } }',
    );
    const cwd = tempFolder({ ...SOURCES, 'app.yaml': GOOD, 'api.yaml': api });
    const { code, stdout } = await runCli(['validate', '-o', 'json'], { cwd });
    assert.equal(code, 1);
    const [found] = JSON.parse(stdout).errors;
    assert.partialDeepStrictEqual(found, { file: 'api.yaml', path: 'spec.auth.jwt.issuer' });
    assert.match(found.message, /The issuer is no address/);
  });

  it('misses no Secret, which is somewhere else than where files are checked', async () => {
    const app = `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: tax }
spec: { url: 'https://tax.example', headers: [{ name: authorization, valueFrom: { secretKeyRef: { name: tax, key: token } } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: web }
spec: { routes: [{ match: { path: /tax }, to: { function: tax } }] }
`;
    const { code, stdout } = await runCli(['validate'], { cwd: tempFolder({ 'app.yaml': app }) });
    assert.equal(code, 0, stdout);
  });

  it('takes what several paths hold for one application', async () => {
    const cwd = tempFolder({
      ...SOURCES,
      'a/app.yaml': GOOD.replace('./orders', '../orders'),
      'b.yaml': API.replace('oders', 'orders'),
    });
    assert.equal((await runCli(['validate', 'b.yaml'], { cwd })).code, 1);
    assert.deepEqual(await runCli(['validate', 'a', 'b.yaml'], { cwd }), {
      code: 0,
      stdout: '',
      stderr: 'no problems, 2 resources checked in 2 files\n',
    });
  });

  it('finds what two paths declare twice', async () => {
    const cwd = tempFolder({ ...SOURCES, 'a.yaml': GOOD, 'b.yaml': GOOD });
    const { code, stdout } = await runCli(['validate', 'a.yaml', 'b.yaml', '-o', 'json'], { cwd });
    assert.equal(code, 1);
    assert.deepEqual(
      JSON.parse(stdout).errors.map((found: { file: string }) => found.file),
      ['a.yaml', 'b.yaml'],
    );
  });

  it('ends with 3 when there is no such file', async () => {
    const { code, stderr } = await runCli(['validate', 'nope.yaml'], { cwd: tempFolder() });
    assert.equal(code, 3);
    assert.match(stderr, /There is no file or folder .*nope\.yaml/);
  });

  it('colours the places when asked to', async () => {
    const cwd = tempFolder({ ...SOURCES, 'api.yaml': API });
    assert.match(
      (await runCli(['validate'], { cwd, env: { FORCE_COLOR: '1' } })).stdout,
      /\u001b\[31merror\u001b\[39m/,
    );
  });

  it('prints the same as JSON and as YAML', async () => {
    const folder = tempFolder({ 'app.yaml': BAD, ...SOURCES });
    const [json, yaml] = await Promise.all(
      ['json', 'yaml'].map(output => runCli(['validate', '--output', output], { cwd: folder })),
    );
    assert.deepEqual([json?.code, yaml?.code], [1, 1]);
    assert.deepEqual(parse(yaml?.stdout ?? ''), JSON.parse(json?.stdout ?? ''));
  });
});

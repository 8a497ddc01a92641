// `tenfold get` against an admin server: tables, data, names, and what is said
// when something is not there.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FUNCTION_NAMES } from '../../../cli/get/show.ts';
import { kinds } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { type AnnouncedAdmin, announceAdmin, writeState } from '../../fakes/admin-server.ts';
import { fakeProblem, fakeResource, fakeView } from '../../fakes/platform-view.ts';
import { assertGolden } from '../golden.ts';
import { type CliResult, runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const idle = { namespace: 'default', state: 'asleep', instances: 0, inFlight: 0, waiting: 0, restarts: 0 } as const;
const route = {
  kind: 'Api',
  namespace: 'default',
  name: 'shop',
  host: undefined,
  conditions: [],
  target: 'function orders',
  listeners: ['public'],
};
const view = fakeView({
  resources: [
    fakeResource('Function', 'orders', { origin: { file: 'app.yaml', line: 1, column: 1 } }),
    fakeResource('Function', 'menu', { origin: { file: 'app.yaml', line: 10, column: 1 } }),
    fakeResource('Function', 'menu', { namespace: 'other', origin: { file: 'other.yaml', line: 1, column: 1 } }),
    fakeResource('Api', 'shop', { origin: { file: 'app.yaml', line: 20, column: 1 } }),
    fakeResource('Topic', 'orders.created', { origin: { file: 'app.yaml', line: 30, column: 1 } }),
  ],
  problems: [fakeProblem({ severity: 'warning', line: 12, message: 'This has no effect here.' })],
  functions: () => [
    { ...idle, name: 'orders', state: 'available', instances: 2, inFlight: 3 },
    { ...idle, name: 'menu', state: 'unavailable', restarts: 4, lastError: 'Cannot find module ./nope.ts' },
    { ...idle, name: 'menu', namespace: 'other' },
  ],
  routes: () => [
    { ...route, methods: ['GET', 'POST'], path: '/shop/orders' },
    { ...route, methods: [], host: 'shop.example', path: '/shop/*', target: 'url https://legacy.example' },
  ],
});

let folder: string;
let admin: AnnouncedAdmin;

describe('tenfold get', () => {
  beforeEach(async () => {
    folder = tempFolder();
    admin = await announceAdmin(view, folder);
  });

  afterEach(() => {
    admin.close();
    removeTempFolders();
  });

  function get(...words: string[]): Promise<CliResult> {
    return runCli(['get', ...words], { cwd: folder });
  }

  describe('get, tables', () => {
    const rows = [
      { golden: 'all', words: [] },
      { golden: 'functions', words: ['functions'] },
      { golden: 'functions-wide', words: ['fn', '-o', 'wide'] },
      { golden: 'functions-of-a-namespace', words: ['functions', '-n', 'other'] },
      { golden: 'function-failing', words: ['function', 'menu', '-n', 'default'] },
      { golden: 'routes', words: ['routes'] },
      { golden: 'routes-wide', words: ['routes', '-o', 'wide'] },
      { golden: 'problems', words: ['problems'] },
      { golden: 'apis-wide', words: ['apis', '--output', 'wide'] },
      { golden: 'api', words: ['Api', 'shop'] },
      { golden: 'names', words: ['-o', 'name'] },
    ];
    for (const { golden, words } of rows) {
      it(`prints ${golden} for "get ${words.join(' ')}"`, async () => {
        const { code, stdout, stderr } = await get(...words);
        assert.deepEqual([code, stderr], [0, '']);
        assertGolden(`get/${golden}.txt`, stdout);
      });
    }

    it('says on stderr that there is nothing', async () => {
      assert.deepEqual(await get('queues'), { code: 0, stdout: '', stderr: 'No Queues.\n' });
      assert.deepEqual(JSON.parse((await get('queues', '-o', 'json')).stdout), { items: [] });
    });

    it('has colours when they are forced', async () => {
      const { stdout } = await runCli(['get', 'functions'], { cwd: folder, env: { FORCE_COLOR: '1' } });
      assert.match(stdout, /\u001b\[32mavailable\u001b\[39m/);
      assert.match(stdout, /\u001b\[31munavailable\u001b\[39m/);
    });
  });

  describe('get, data', () => {
    it('prints lists as JSON, as the admin API has them', async () => {
      const { items } = JSON.parse((await get('functions', '-o', 'json')).stdout);
      assert.deepEqual(items[0], { ...idle, name: 'orders', state: 'available', instances: 2, inFlight: 3 });
    });

    it('prints one resource as YAML, with its manifest and how it is doing', async () => {
      const detail = parse((await get('function', 'orders', '-o', 'yaml')).stdout);
      assert.equal(detail.manifest.metadata.name, 'orders');
      assert.equal(detail.conditions[1].reason, 'Available');
      assert.equal(detail.inFlight, 3);
    });

    it('prints the same as JSON and as YAML', async () => {
      const [json, yaml] = await Promise.all([get('-o', 'json'), get('-o', 'yaml')]);
      assert.deepEqual(parse(yaml.stdout), JSON.parse(json.stdout));
    });
  });

  describe('get, mistakes', () => {
    const rows = [
      {
        name: 'a resource that does not exist',
        words: ['api', 'nope'],
        code: 3,
        message: /There is no api "nope"\.\nNext: see what there is/,
      },
      {
        name: 'a function that does not exist',
        words: ['function', 'nope'],
        code: 3,
        message: /There is no function "nope"\./,
      },
      {
        name: 'a kind that does not exist',
        words: ['functoins'],
        code: 2,
        message: /no kind of resource called "functoins"\. Did you mean "functions"\?\nNext: see all kinds/,
      },
      { name: 'a mistyped view', words: ['rotues'], code: 2, message: /Did you mean "routes"\?/ },
      {
        name: 'a name in two namespaces',
        words: ['function', 'menu'],
        code: 2,
        message: /several namespaces: default, other\.\nNext: choose one with --namespace/,
      },
      { name: 'a name of a problem', words: ['problems', 'x'], code: 2, message: /Problems have no names/ },
    ];
    for (const { name, words, code, message } of rows) {
      it(`${name} ends with ${code}`, async () => {
        const result = await get(...words);
        assert.deepEqual([result.code, result.stdout], [code, '']);
        assert.match(result.stderr, message);
      });
    }

    it('knows functions by all names that they have', () => {
      const { plural, singular, shortNames } = kinds.Function;
      assert.deepEqual([...FUNCTION_NAMES].sort(), [plural, singular, ...shortNames].sort());
    });

    it('names every kind in its help', async () => {
      const { stdout } = await get('--help');
      for (const kind of kindNames) {
        const { plural, shortNames } = kinds[kind];
        assert.ok(stdout.includes([plural, ...shortNames.map(name => `(${name})`)].join(' ')), kind);
      }
    });
  });

  describe('finding the platform', () => {
    it('works from a folder below the application', async () => {
      const below = join(folder, 'functions', 'deep');
      mkdirSync(below, { recursive: true });
      assert.equal((await runCli(['get', '-o', 'name'], { cwd: below })).code, 0);
    });

    it('works by folder, by options and by environment', async () => {
      const elsewhere = tempFolder();
      const byFolder = await runCli(['get', '-o', 'name', '--dir', folder], { cwd: elsewhere });
      const byOptions = await runCli(['get', '-o', 'name', '--admin', admin.url, '--token', admin.token], {
        cwd: elsewhere,
      });
      const env = { TENFOLD_ADMIN_URL: admin.url, TENFOLD_ADMIN_TOKEN: admin.token };
      const byEnvironment = await runCli(['get', '-o', 'name'], { cwd: elsewhere, env });
      assert.deepEqual([byFolder.code, byOptions.code, byEnvironment.code], [0, 0, 0]);
      assert.equal(byFolder.stdout, byOptions.stdout);
      assert.equal(byFolder.stdout, byEnvironment.stdout);
    });

    it('says what to start when nothing runs', async () => {
      const { code, stderr } = await runCli(['get'], { cwd: tempFolder() });
      assert.equal(code, 3);
      assert.match(
        stderr,
        /^error: No application runs in .* or a folder above it\.\nNext: start one with "tenfold dev DIR"/,
      );
    });

    it('says so when the process has ended', async () => {
      writeState(folder, {
        pid: 2 ** 22 + 1,
        addresses: { public: admin.url, internal: admin.url, admin: admin.url },
        adminToken: 'x',
      });
      const { code, stderr } = await get();
      assert.equal(code, 3);
      assert.match(stderr, /names process 4194305, which has ended\.\nNext: start it again with "tenfold dev /);
    });

    it('says so when nothing listens there', async () => {
      admin.close();
      const { code, stderr } = await get();
      assert.equal(code, 3);
      assert.match(
        stderr,
        /No platform answers at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\)\.\nNext: check the address/,
      );
    });

    it('says so when the token is wrong', async () => {
      const { code, stderr } = await get('--token', 'wrong');
      assert.equal(code, 4);
      assert.match(stderr, /wants the header "Authorization: Bearer TOKEN".*\nNext: pass the adminToken/);
    });

    it('says so when the file is not what a platform writes', async () => {
      writeFileSync(join(folder, '.tenfold', 'platform.json'), '{"pid":1}');
      const { code, stderr } = await get();
      assert.equal(code, 3);
      assert.match(stderr, /is not what a running platform writes\.\nNext: delete the file/);
    });
  });
});

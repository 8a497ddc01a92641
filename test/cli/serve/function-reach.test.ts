// What functions get of the machine under `tenfold serve`: their application, what they declare,
// and nothing that the platform keeps.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../../cluster/free-ports.ts';
import { endApplications, type Running, startApplication } from '../application.ts';
import type { CliOptions } from '../run-cli.ts';

const HOSTILE = join(import.meta.dirname, '../../fixtures/hostile-function.mjs');
const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'the-key-of-the-bucket-of-the-platform',
  TENFOLD_ADMIN_TOKEN: 'the-token-of-the-admin-port',
  TENFOLD_INTERNAL_SECRET: 'the-secret-of-the-internal-port',
  DATABASE_PASSWORD: 'the-password-of-somebody-else',
};
/** What the attempts may come to without an error, as nothing of the platform is in it. */
const HARMLESS = ['its variables', 'what is in it, by patterns', 'rights that it gives itself'];

describe('functions under tenfold serve', () => {
  let top: string;
  const app = () => join(top, 'shop');
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(top, path)), { recursive: true });
      writeFileSync(join(top, path), text);
    }
  };
  const serve = (options: Pick<CliOptions, 'env'> = {}) =>
    startApplication(['serve', app()], top, /"public":"(http:[^"]+)"/, options);
  const ask = async ({ url }: Running, name: string, question: unknown = {}): Promise<unknown> => {
    const body = JSON.stringify(question);
    const answer = await fetch(`${url}/${name}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  };

  beforeEach(() => {
    top = realpathSync(mkdtempSync(join(tmpdir(), 'tenfold-reach-')));
    mkdirSync(app());
  });
  afterEach(() => {
    endApplications();
    rmSync(top, { recursive: true, force: true });
  });

  it('have no way to what the platform keeps, of all that a hostile one tries', async () => {
    write({
      'shop/app.yaml': appOf({ hostile: '' }),
      'shop/lib/note.txt': 'x',
      'shop/.tenfold/secrets/default/keys.json': '{"key":"the-key-of-an-api"}',
    });
    cpSync(HOSTILE, join(app(), 'hostile.mjs'));
    const [port = 0] = await freePorts(1);
    const platform = await serve({ env: { ...SECRETS, NODE_OPTIONS: `--inspect-port=${port}` } });
    const question = { state: join(app(), '.tenfold'), debugger: port };
    const { refused, got, debugger: debugged } = readReport(await ask(platform, 'hostile', question));

    assert.ok(Object.keys(refused).length > 50, 'it tries them');
    assert.deepEqual(
      Object.keys(got).filter(way => !HARMLESS.includes(way)),
      [],
      JSON.stringify(got),
    );
    assert.equal(got['what is in it, by patterns'], '');
    const { adminToken } = JSON.parse(readFileSync(join(app(), '.tenfold/platform.json'), 'utf8'));
    assert.equal(adminToken, SECRETS.TENFOLD_ADMIN_TOKEN);
    for (const secret of [...Object.values(SECRETS), 'the-key-of-an-api'])
      assert.ok(!JSON.stringify(got).includes(secret), secret);
    assert.equal(debugged, 'ECONNREFUSED', 'the platform opens no debugger');
    assert.ok(existsSync(join(app(), '.tenfold/platform.json')));
    assert.deepEqual(readdirSync(app()).sort(), ['.tenfold', 'app.yaml', 'hostile.mjs', 'lib']);
    // What it said to its host has not harmed that.
    await ask(platform, 'hostile', question);
    assert.equal(await platform.end('SIGTERM'), 0);
  });

  it('are told the harmless variables, what they declare, and what the operator passes on', async () => {
    write({
      'shop/app.yaml': appOf({ env: 'env: [{ name: GREETING, value: hello }]' }),
      'shop/env.mjs': 'export default () => process.env;',
    });
    const env = {
      ...SECRETS,
      TZ: 'Europe/Paris',
      LC_ALL: 'C',
      HTTPS_PROXY: 'http://proxy.test',
      TENFOLD_FUNCTIONS_ENV: 'HTTPS_PROXY, NOT_SET',
    };
    const told = Object(await ask(await serve({ env }), 'env'));
    assert.partialDeepStrictEqual(told, {
      GREETING: 'hello',
      TZ: 'Europe/Paris',
      LC_ALL: 'C',
      HTTPS_PROXY: 'http://proxy.test',
    });
    assert.equal(told.PATH, process.env['PATH']);
    const known =
      /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|LD_LIBRARY_PATH|NODE_ENV|NODE_EXTRA_CA_CERTS|NODE_COMPILE_CACHE|SSL_CERT_(FILE|DIR)|TMPDIR|PORT|HTTPS_PROXY|GREETING)$/;
    const tenfold =
      /^TENFOLD_(HOST|FUNCTION_NAME|TIMEOUT_MS|CONCURRENCY|MAX_BODY|LOG_LEVEL|INTERNAL_URL|INTERNAL_KEY)$/;
    assert.deepEqual(
      Object.keys(told).filter(name => !known.test(name) && !tenfold.test(name)),
      [],
    );
  });

  it('read their application and their packages, also those that are linked, and write to a temporary folder', async () => {
    write({
      'shop/app.yaml': appOf({ reader: '' }),
      'shop/data/note.txt': 'a note',
      'node_modules/above/package.json': '{"name":"above","type":"module","exports":"./index.js"}',
      'node_modules/above/index.js': 'export default "above";',
      'packages/linked/package.json': '{"name":"@acme/linked","type":"module","exports":"./index.js"}',
      'packages/linked/index.js': 'import deep from "deep"; export default `linked ${deep}`;',
      'packages/node_modules/deep/package.json': '{"name":"deep","main":"index.js"}',
      'packages/node_modules/deep/index.js': 'module.exports = "deep";',
      'shop/reader.ts': `import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http } from 'tenfold';
import above from 'above';
import linked from '@acme/linked';
export default http(async () => {
  const file = join(tmpdir(), 'file');
  writeFileSync(file, 'written');
  const { default: later } = await import('./later.ts');
  return [above, linked, later, readFileSync('data/note.txt', 'utf8'), readdirSync('data'), readFileSync(file, 'utf8'), file];
});
`,
      'shop/later.ts': "export default 'later' as string;",
    });
    mkdirSync(join(top, 'node_modules/@acme'));
    symlinkSync(join(top, 'packages/linked'), join(top, 'node_modules/@acme/linked'));
    const platform = await serve();
    const answer = await ask(platform, 'reader');
    assert.ok(Array.isArray(answer));
    assert.deepEqual(answer.slice(0, -1), ['above', 'linked deep', 'later', 'a note', ['note.txt'], 'written']);
    assert.equal(statSync(dirname(answer.at(-1))).mode & 0o777, 0o700);
    await platform.end('SIGTERM');
    assert.ok(!existsSync(answer.at(-1)), 'what they write ends with the platform');
  });

  it('get what they declare, and an error that says what to declare for the rest', async () => {
    write({
      'shop/app.yaml': appOf({
        all: 'permissions: { read: [../shared.txt], write: [./.data], allow: [addons, childProcesses, sqlite, wasi, workers] }',
        none: '',
      }),
      'shared.txt': 'shared',
      'shop/all.mjs': DOES_ALL,
      'shop/none.mjs': DOES_ALL,
    });
    const platform = await serve();
    assert.deepEqual(await ask(platform, 'all'), ['shared', 'kept', 'child', 'row', 'worker', 'ERR_ACCESS_DENIED']);
    const refused = await fetch(`${platform.url}/none`, { method: 'POST' });
    assert.equal(refused.status, 500);
    assert.match(platform.stdout(), new RegExp(`permissions: \\{ read: \\[${join(top, 'shared.txt')}\\] \\}`));
  });

  it('keep the folder of the platform to its owner', async () => {
    write({ 'shop/app.yaml': appOf({ env: '' }), 'shop/env.mjs': 'export default () => 1;' });
    await serve();
    assert.equal(statSync(join(app(), '.tenfold')).mode & 0o777, 0o700);
  });
});

const DOES_ALL = `import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
const here = import.meta.dirname;
export default async () => {
  const shared = readFileSync(join(here, '../shared.txt'), 'utf8');
  mkdirSync(join(here, '.data'));
  writeFileSync(join(here, '.data/file'), 'kept');
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(here, '.data/db'));
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage("worker")', { eval: true });
  const message = await new Promise((done, failed) => worker.once('message', done).once('error', failed));
  let outside;
  try {
    readFileSync(join(here, '../other.txt'));
  } catch (error) {
    outside = error.code;
  }
  return [shared, readFileSync(join(here, '.data/file'), 'utf8'), execFileSync('echo', ['child'], { encoding: 'utf8' }).trim(), database.prepare("SELECT 'row' AS row").get().row, message, outside];
};
`;

/** Functions by name, with more of their spec, each at a path of its name. */
function appOf(functions: Readonly<Record<string, string>>): string {
  const extension = (name: string) => (name === 'reader' ? 'ts' : 'mjs');
  const parts = Object.entries(functions).map(
    ([name, spec]) =>
      `apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: ${name} }\nspec:\n  source: ./${name}.${extension(name)}\n  ${spec}\n---\n`,
  );
  const routes = Object.keys(functions).map(
    name => `    - { match: { method: POST, path: /${name} }, to: { function: ${name} } }\n`,
  );
  return `${parts.join('')}apiVersion: tenfold.dev/v1alpha1\nkind: Api\nmetadata: { name: all }\nspec:\n  basePath: /\n  routes:\n${routes.join('')}`;
}

interface Report {
  readonly refused: Readonly<Record<string, string>>;
  readonly got: Readonly<Record<string, string>>;
  readonly debugger: string;
}

function readReport(answer: unknown): Report {
  const { refused, got, debugger: debugged } = Object(answer);
  assert.ok(typeof refused === 'object' && typeof got === 'object');
  return { refused, got, debugger: debugged };
}

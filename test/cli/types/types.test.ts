// `tenfold types`: the file it writes makes the compiler accept right calls and refuse wrong ones.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertGolden } from '../golden.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

const head = (kind: string, name: string) =>
  `---\napiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;

const RESOURCES = `${head('Function', 'orders')}spec: { source: ./src/orders.ts }
${head('Function', 'legacy-shop')}spec: { url: https://legacy.example }
${head('Topic', 'orders.created')}spec:
  schema:
    type: object
    required: [id, total]
    properties:
      id: { type: string, description: Id of the order. }
      total: { type: number }
      state: { enum: [open, paid] }
${head('Topic', 'anything')}spec: {}
${head('Queue', 'imports')}spec:
  to: { function: orders }
  schema: { type: array, items: { type: string } }
${head('View', 'totals')}spec:
  from: [orders.created]
  table: { key: "\${event.data.id}" }
`;

const ORDERS = `import { http } from 'tenfold';
interface Order { readonly id: string; readonly total: number }
export default http({
  'GET /orders/:id': (request): Order => ({ id: request.params.id, total: 3 }),
});
`;

const CALLS = `import type { Context } from 'tenfold';
async function calls(context: Context) {
  const order = await context.invoke('orders', { method: 'GET', path: '/orders/17' });
  const total: number = order.body.total;
  await context.publish('orders.created', { id: '17', total, state: 'paid' });
  await context.publish('anything', 42);
  await context.enqueue('imports', ['a']);
  await context.query('totals', { key: '17' });
}
`;

const WRONG = [
  { name: 'a function that does not exist', line: "await context.invoke('order');" },
  {
    name: 'a member that the answer does not have',
    line: "(await context.invoke('orders', { method: 'GET', path: '/orders/17' })).body.totl;",
  },
  { name: 'a topic that does not exist', line: "await context.publish('orders.create', {});" },
  { name: 'data without a required member', line: "await context.publish('orders.created', { id: '17' });" },
  {
    name: 'data with a wrong value',
    line: "await context.publish('orders.created', { id: '17', total: 3, state: 'lost' });",
  },
  { name: 'a job of the wrong type', line: "await context.enqueue('imports', [1]);" },
  { name: 'a view that does not exist', line: "await context.query('total');" },
];

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    noEmit: true,
    strict: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    customConditions: ['tenfold-source'],
  },
  include: ['.'],
};

function application(): string {
  const folder = tempFolder({
    'app.yaml': RESOURCES,
    'src/orders.ts': ORDERS,
    'src/calls.ts': CALLS,
    'tsconfig.json': JSON.stringify(TSCONFIG),
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(repository, 'sdk'), join(folder, 'node_modules', 'tenfold'));
  symlinkSync(join(repository, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
  return folder;
}

/** What the compiler has to say about the application, line by line. */
function compile(folder: string): string[] {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [tsc], { cwd: folder });
  return stdout
    .toString()
    .split('\n')
    .filter(line => /^(src|tenfold-env)\b.*error TS/.test(line));
}

describe('types', () => {
  let folder: string;

  before(async () => {
    folder = application();
    const { code, stderr } = await runCli(['types', folder], { cwd: folder });
    assert.equal(code, 0, stderr);
  });

  after(removeTempFolders);

  it('are written from functions, topics, queues and views', () => {
    assertGolden('types/tenfold-env.d.ts.txt', readFileSync(join(folder, 'tenfold-env.d.ts'), 'utf8'));
  });

  it('make the compiler accept right calls', () => {
    assert.deepEqual(compile(folder), []);
  });

  it('make the compiler refuse each wrong call', () => {
    const lines = WRONG.map(({ line }) => `  ${line}`);
    const text = [
      "import type { Context } from 'tenfold';",
      'export async function wrong(context: Context) {',
      ...lines,
      '}',
      '',
    ].join('\n');
    writeFileSync(join(folder, 'src', 'wrong.ts'), text);
    const refused = new Set(compile(folder).map(line => /^src\/wrong\.ts\((\d+),/.exec(line)?.[1]));
    writeFileSync(join(folder, 'src', 'wrong.ts'), '');
    for (const [index, { name }] of WRONG.entries()) assert.ok(refused.has(String(index + 3)), name);
    assert.equal(refused.size, WRONG.length);
  });

  it('are checked for being up to date, without writing', async () => {
    assert.deepEqual(await runCli(['types', '--check'], { cwd: folder }), {
      code: 0,
      stdout: '',
      stderr: 'tenfold-env.d.ts is up to date.\n',
    });
    const other = tempFolder({ 'app.yaml': `${head('Topic', 'a')}spec: {}` });
    const missing = await runCli(['types', '--check'], { cwd: other });
    assert.equal(missing.code, 1);
    assert.equal(
      missing.stderr,
      'error: tenfold-env.d.ts does not exist.\nNext: run "tenfold types" and commit the file.\n',
    );
    writeFileSync(join(other, 'tenfold-env.d.ts'), 'old');
    assert.match((await runCli(['types', '--check'], { cwd: other })).stderr, /is out of date/);
    assert.equal(readFileSync(join(other, 'tenfold-env.d.ts'), 'utf8'), 'old');
  });

  it('need valid resources', async () => {
    const other = tempFolder({ 'app.yaml': `${head('Topic', 'a')}spec: { x: 1 }` });
    const { code, stderr } = await runCli(['types'], { cwd: other });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /The resources have 1 error, so no types can be made\.\nNext: see all that is wrong with "tenfold validate"/,
    );
  });
});

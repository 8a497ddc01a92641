// `tenfold export`: documents for other tools, of files and of a running platform. Their validators
// check the same application with `make test-export`.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { parse, parseAllDocuments } from 'yaml';
import { run } from '../../../cli/run.ts';
import { shopView } from '../../admin/graph/shop.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { type AdminRun, startAdminRun } from '../events/admin-run.ts';
import { assertGolden } from '../golden.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const APPLICATION = fileURLToPath(new URL('../../fixtures/export', import.meta.url));

async function exported(...words: string[]) {
  const terminal = fakeTerminal({ cwd: tempFolder() });
  const code = await run(['export', ...words], terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr, cwd: terminal.cwd };
}

/** References that lead to nothing in their document. */
function danglingIn(document: unknown, part = document): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) => {
    if (name !== '$ref' || typeof value !== 'string') return danglingIn(document, value);
    let found: unknown = document;
    for (const step of value.slice(2).split('/')) found = (found as Record<string, unknown> | undefined)?.[step];
    return found === undefined ? [value] : [];
  });
}

describe('export', () => {
  afterEach(removeTempFolders);

  it('writes AsyncAPI of Topics, Queues and their consumers, whose references lead somewhere', async () => {
    const { code, stdout, stderr } = await exported('asyncapi', APPLICATION);
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('export/asyncapi.yaml', stdout);
    const document = parse(stdout);
    assert.ok(Object.keys(document.operations).length > 5);
    assert.deepEqual(danglingIn(document), []);
  });

  it('puts the prefix of an installation before names in Kafka, but for those of others', async () => {
    const { stdout } = await exported('asyncapi', APPLICATION, '--topic-prefix', 'prod.', '-o', 'json');
    const { channels, operations } = JSON.parse(stdout);
    assert.equal(channels['shop.orders'].address, 'prod.shop.orders');
    assert.equal(channels['shop.payments'].address, 'bank.payments');
    const { kafka } = operations['subscription.shop.shipping.receive.shop.orders'].bindings;
    assert.equal(kafka.groupId.const, 'prod.subscription.shop.shipping');
  });

  it('leaves references alone that are values or names of members', async () => {
    const folder = tempFolder();
    const schema = `{ properties: { $ref: { const: { $ref: '#/kept' } }, own: { $ref: '#/$defs/own' } }, $defs: { own: {} } }`;
    const head = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: odd }\n';
    writeFileSync(join(folder, 'app.yaml'), `${head}spec: { schema: ${schema} }\n`);
    const { stdout } = await exported('asyncapi', folder);
    assert.deepEqual(parse(stdout).components.schemas['default.odd'].properties, {
      $ref: { const: { $ref: '#/kept' } },
      own: { $ref: '#/components/schemas/default.odd/$defs/own' },
    });
  });

  it('writes a file of OpenAPI for each Api', async () => {
    const { code, stderr, cwd } = await exported('openapi', APPLICATION, '--to', 'apis', '-o', 'json');
    assert.equal(code, 0, stderr);
    const files = readdirSync(join(cwd, 'apis')).toSorted();
    assert.deepEqual(files, ['shop.partners.openapi.json', 'shop.shop.openapi.json']);
    for (const file of files) {
      const text = readFileSync(join(cwd, 'apis', file), 'utf8');
      assert.deepEqual(await new Validator().validate(JSON.parse(text)), { valid: true });
    }
  });

  it('prints OpenAPI of one Api, and asks which where there are several', async () => {
    const { stdout } = await exported('openapi', APPLICATION, '--api', 'shop');
    assert.equal(parse(stdout).info.title, 'The shop');
    const several = await exported('openapi', APPLICATION);
    assert.deepEqual([several.code, several.stdout], [2, '']);
    assert.match(several.stderr, /There are 2 Apis, .*shop\/shop, shop\/partners\.\nNext: name one with --api/);
    const none = await exported('openapi', APPLICATION, '--api', 'shpo');
    assert.match(none.stderr, /There is no Api "shpo" among shop\/shop, shop\/partners\./);
  });

  it('writes a catalogue for Backstage, with owners, relations and definitions', async () => {
    const { code, stdout, stderr } = await exported('backstage', APPLICATION, '--owner', 'group:default/shop');
    assert.deepEqual([code, stderr], [0, '']);
    assertGolden('export/catalog-info.yaml', stdout);
    const entities = parseAllDocuments(stdout).map(document => document.toJS());
    const named = new Set(
      entities.map(({ kind, metadata }) => `${kind === 'Component' ? 'component:' : ''}${metadata.name}`),
    );
    const told = entities.flatMap(
      ({ spec: { providesApis = [], consumesApis = [], dependsOn = [], system = 'shop' } }) =>
        [...providesApis, ...consumesApis, ...dependsOn, system].filter(name => !named.has(name)),
    );
    assert.deepEqual(told, []);
  });

  it('writes what the page about it shows', async () => {
    const page = readFileSync(new URL('../../../docs/guides/export.md', import.meta.url), 'utf8');
    const [yaml = '', asyncapi = '', backstage = ''] = [...page.matchAll(/^```(?:yaml|text)\n([\s\S]*?)^```$/gm)].map(
      ([, block]) => block,
    );
    const folder = tempFolder();
    writeFileSync(join(folder, 'app.yaml'), yaml);
    writeFileSync(join(folder, 'ship.ts'), '');
    const { stdout } = await exported('asyncapi', folder);
    assert.ok(stdout.includes(asyncapi), stdout);
    const catalogue = await exported('backstage', folder, '--owner', 'group:default/shop');
    assert.ok(`${catalogue.stdout}\n`.includes(backstage), catalogue.stdout);
  });

  it('narrows files to a namespace, and refuses what has mistakes', async () => {
    const none = await exported('asyncapi', APPLICATION, '-n', 'shpo');
    assert.match(none.stderr, /There are no resources to export\.\nNext: name a folder that has some/);
    const folder = tempFolder();
    writeFileSync(join(folder, 'app.yaml'), 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: A }\n');
    const wrong = await exported('asyncapi', folder);
    assert.deepEqual([wrong.code, wrong.stdout], [1, '']);
    assert.match(wrong.stderr, /nothing is exported\.\nNext: see all that is wrong with "tenfold validate"/);
  });

  describe('of a running platform', () => {
    let admin: AdminRun | undefined;
    afterEach(() => {
      admin?.close();
      admin = undefined;
    });

    it('writes what is in force', async () => {
      admin = await startAdminRun({}, { view: shopView({ delivered: 0, requests: 0, away: false }) });
      const { code, stdout, stderr } = await admin.run(['export', 'asyncapi', '--running']);
      assert.deepEqual([code, stderr], [0, '']);
      const { channels, operations } = parse(stdout);
      assert.deepEqual(Object.keys(channels), ['shop.orders', 'shop.late', 'queue.shop.exports']);
      assert.ok('subscription.shop.feed.send.shop.late' in operations, Object.keys(operations).join(' '));
      const both = await admin.run(['export', 'asyncapi', 'app.yaml', '--running']);
      assert.equal(both.code, 2);
      assert.match(both.stderr, /only one can be exported/);
    });
  });
});

// The validators of AsyncAPI, OpenAPI and Backstage accept what `tenfold export` writes of each
// sample application and of one with everything. `make test-export`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import {
  apiEntityV1alpha1Validator,
  componentEntityV1alpha1Validator,
  DefaultNamespaceEntityPolicy,
  EntityPolicies,
  FieldFormatEntityPolicy,
  NoForeignRootFieldsEntityPolicy,
  SchemaValidEntityPolicy,
  systemEntityV1alpha1Validator,
} from '@backstage/catalog-model';
import { validate } from '@readme/openapi-parser';

const root = join(import.meta.dirname, '../..');
const folders = readdirSync(join(root, 'functions')).map(name => join(root, 'functions', name));
const applications = [...folders, join(root, 'test/fixtures/export')];
const output = mkdtempSync(join(tmpdir(), 'tenfold-export-'));

function write(format, application) {
  const words = ['cli/main.ts', 'export', format, application, '--to', output, '--output', 'json'];
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const { status, stderr } = spawnSync(process.execPath, [...flags, ...words], { cwd: root, encoding: 'utf8' });
  if (format === 'openapi' && stderr.startsWith('error: There is no Api.')) return [];
  assert.equal(status, 0, stderr);
  return readdirSync(output).map(name => {
    const text = readFileSync(join(output, name), 'utf8');
    rmSync(join(output, name));
    return { name, text };
  });
}

async function checkAsyncApi(text, name) {
  const { document, diagnostics } = await new Parser().parse(text);
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  assert.deepEqual(
    errors.map(({ message, path }) => `${path.join('.')}: ${message}`),
    [],
    name,
  );
  assert.ok(document, name);
}

async function checkOpenApi(text, name) {
  const result = await validate(JSON.parse(text));
  assert.deepEqual(result.errors ?? [], [], name);
  assert.equal(result.valid, true, name);
}

const policy = EntityPolicies.allOf([
  new SchemaValidEntityPolicy(),
  new DefaultNamespaceEntityPolicy(),
  new NoForeignRootFieldsEntityPolicy(),
  new FieldFormatEntityPolicy(),
]);
const VALIDATORS = {
  API: apiEntityV1alpha1Validator,
  Component: componentEntityV1alpha1Validator,
  System: systemEntityV1alpha1Validator,
};

async function checkCatalog(text, name) {
  const entities = JSON.parse(text);
  for (const entity of entities) {
    assert.ok(await policy.enforce(entity), `${name}: ${entity.metadata.name}`);
    assert.equal(await VALIDATORS[entity.kind].check(entity), true, `${name}: ${entity.metadata.name}`);
    const { type, definition } = entity.spec;
    if (type === 'asyncapi') await checkAsyncApi(definition, `${name}: ${entity.metadata.name}`);
  }
}

/** A validator that finds nothing in anything would pass, too. */
async function checkThatFaultsAreFound() {
  await assert.rejects(checkAsyncApi('{"asyncapi":"3.1.0","info":{"title":"x"}}', 'without a version'));
  await assert.rejects(checkOpenApi('{"openapi":"3.1.0","info":{"title":"x"},"paths":{}}', 'without a version'));
  const entity = { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name: 'a b' }, spec: {} };
  await assert.rejects(checkCatalog(JSON.stringify([entity]), 'without a name'));
}

const CHECKS = { asyncapi: checkAsyncApi, openapi: checkOpenApi, backstage: checkCatalog };

await checkThatFaultsAreFound();
let checked = 0;
try {
  for (const application of applications) {
    for (const [format, check] of Object.entries(CHECKS)) {
      for (const { name, text } of write(format, application)) {
        await check(text, `${application}: ${name}`);
        checked += 1;
      }
    }
  }
} finally {
  rmSync(output, { recursive: true });
}
console.log(`${checked} exported documents are valid`);

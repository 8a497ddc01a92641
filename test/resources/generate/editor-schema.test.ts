// The JSON Schema for editors says about the shape of a document what validation says.
import assert from 'node:assert/strict';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { editorSchema } from '../../../resources/generate/editor-schema.ts';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { isKind, type Kind, kindNames } from '../../../resources/kinds/index.ts';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';
import { design } from '../kinds/design.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents of many kinds, changed in ways that their types forbid
type Json = any;

describe('editor schema', () => {
  let check: ValidateFunction;
  before(() => {
    check = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
      editorSchema(),
    );
  });

  const documents: Json[] = [
    ...kindNames.map(kind => parse(exampleOf(kind))),
    ...parseAllDocuments(design).map(document => document.toJS()),
  ];
  for (const document of documents) {
    it(`takes ${document.kind} ${document.metadata.name}`, () => {
      assert.ok(check(document), JSON.stringify(check.errors));
    });
  }

  for (const kind of kindNames) {
    const example = parse(exampleOf(kind));

    it(`agrees with validation on ${kind} whichever value is of another type`, () => {
      for (const path of pathsIn(example.spec)) {
        for (const value of [{ unexpected: 1 }, ['unexpected'], true, 0.5, '']) {
          const changed = structuredClone(example);
          put(changed.spec, path, value);
          agree(kind, changed, `spec.${path.join('.')} = ${JSON.stringify(value)}`);
        }
      }
    });

    it(`agrees with validation on ${kind} whichever member is missing`, () => {
      for (const path of pathsIn(example.spec)) {
        const changed = structuredClone(example);
        put(changed.spec, path, undefined);
        agree(kind, JSON.parse(JSON.stringify(changed)), `spec.${path.join('.')} removed`);
      }
    });

    it(`agrees with validation on ${kind} wherever a member is unknown`, () => {
      for (const path of [[], ...pathsIn(example.spec)]) {
        const changed = structuredClone(example);
        const object = at(changed.spec, path);
        if (typeof object !== 'object' || Array.isArray(object)) continue;
        object.tiemout = '5s';
        agree(kind, changed, `spec.${path.join('.')}.tiemout`);
      }
    });
  }

  const wrong: readonly [name: string, document: unknown][] = [
    ['an unknown kind', { ...documents[0], kind: 'Functoin' }],
    ['another version', { ...documents[0], apiVersion: 'tenfold.dev/v1' }],
    ['no metadata', { ...documents[0], metadata: undefined }],
    ['a name in capitals', { ...documents[0], metadata: { name: 'Orders' } }],
    ['a name with a dot for a Function', { ...documents[0], metadata: { name: 'orders.created' } }],
    ['an unknown member beside spec', { ...documents[0], specs: {} }],
    ['two ways to run a Function', { ...documents[0], spec: { source: './a.ts', url: 'http://x' } }],
    ['a header name in capitals', { ...documents[2], spec: routed({ match: { path: '/', headers: { 'X-A': 'b' } } }) }],
    ['a target with two places', { ...documents[2], spec: routed({ to: { function: 'a', topic: 'b' } }) }],
  ];
  for (const [name, document] of wrong) {
    it(`refuses ${name}`, () => assert.ok(!check(JSON.parse(JSON.stringify(document)))));
  }

  it('has a text for every member that an editor can complete', () => {
    const definitions: Json = editorSchema()['definitions'];
    for (const kind of kindNames) assert.ok(isKind(kind) && definitions[kind].description.length > 20);
  });

  /**
   * The schema may take what validation refuses (rules over several members, bounds of a duration), never the other way round;
   * and where validation finds a wrong type, a missing or an unknown member, the schema must find it too.
   */
  function agree(kind: Kind, document: unknown, change: string): void {
    const issues = manifestSchema(kind).safeParse(document).error?.issues ?? [];
    const accepted = check(document);
    if (issues.length === 0) assert.ok(accepted, `${change}: only the schema refuses: ${JSON.stringify(check.errors)}`);
    const shape = issues.find(issue => issue.code !== 'custom' || issue.params?.['rule'] === 'exactlyOneOf');
    if (shape) assert.ok(!accepted, `${change}: only validation refuses: ${shape.message}`);
  }
});

function routed(route: object): object {
  return { routes: [{ match: { path: '/' }, to: { function: 'a' }, ...route }] };
}

function pathsIn(value: Json, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...path, key], ...pathsIn(member, [...path, key])]);
}

function at(root: Json, path: readonly string[]): Json {
  return path.reduce((value, key) => value[key], root);
}

function put(root: Json, path: readonly string[], value: unknown): void {
  const parent = at(root, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (value === undefined && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (value === undefined) delete parent[key];
  else parent[key] = value;
}

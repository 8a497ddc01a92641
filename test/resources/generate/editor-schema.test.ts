// The JSON Schema for editors says about the shape of a document what validation says.
import assert from 'node:assert/strict';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { editorSchema } from '../../../resources/generate/editor-schema.ts';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { isKind } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { design } from '../kinds/design.ts';
import { mutationsOf } from '../kinds/mutations.ts';
import { verdictOn } from '../kinds/verdict.ts';

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
    it(`agrees with validation on ${kind}, whatever is changed in one place`, () => {
      for (const { change, document } of mutationsOf(parse(exampleOf(kind)))) {
        const { verdict, reason } = verdictOn(kind, document);
        const accepted = check(document);
        if (verdict === 'valid')
          assert.ok(accepted, `${change}: only the schema refuses: ${JSON.stringify(check.errors)}`);
        if (verdict === 'misshapen') assert.ok(!accepted, `${change}: only validation refuses: ${reason}`);
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
});

function routed(route: object): object {
  return { routes: [{ match: { path: '/' }, to: { function: 'a' }, ...route }] };
}

// What each kind refuses, where it points, and what it says.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { type Kind, kindNames } from '../../../resources/kinds/kind-names.ts';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';
import { refusedFirst, type Spec } from './refused-first.ts';
import { refusedSecond } from './refused-second.ts';
import { refusedTables } from './refused-tables.ts';

const rows = [...refusedFirst, ...refusedSecond, ...refusedTables];

describe('kinds refuse', () => {
  for (const [name, kind, change, path, message] of rows) {
    it(`${name} (${kind})`, () => {
      const issue = issuesAfter(kind, change).find(found => found.path.join('.') === path);
      assert.ok(issue, `an issue at ${path}: ${JSON.stringify(issuesAfter(kind, change))}`);
      assert.match(issue.message, message);
    });
  }

  for (const kind of kindNames) {
    it(`an unknown field in the spec of ${kind}`, () => {
      const [issue] = issuesAfter(kind, spec => {
        spec.tiemout = '5s';
      });
      assert.equal(issue?.code, 'unrecognized_keys');
      assert.deepEqual(issue.path, ['spec']);
    });

    it(`a ${kind} without a spec`, () => {
      const { spec: _, ...manifest } = parse(exampleOf(kind));
      assert.equal(manifestSchema(kind).safeParse(manifest).success, false);
    });
  }

  it('all mistakes at once', () => {
    const issues = issuesAfter('Function', spec => {
      spec.timeout = 'soon';
      spec.limits.rate = 'often';
      spec.scale.min = -1;
    });
    assert.deepEqual(issues.map(({ path }) => path.join('.')).toSorted(), [
      'spec.limits.rate',
      'spec.scale.min',
      'spec.timeout',
    ]);
  });
});

function issuesAfter(kind: Kind, change: (spec: Spec) => void) {
  const manifest = parse(exampleOf(kind));
  change(manifest.spec);
  return manifestSchema(kind).safeParse(manifest).error?.issues ?? [];
}

// What fields mean beyond their shape is found wherever they stand: in lists, maps, alternatives.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { fieldsOf } from '../../../resources/generate/fields.ts';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { toNode } from '../../../resources/generate/schema-node.ts';
import { kinds } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { type MarkedValue, markedValues } from '../../../resources/references/marked-values.ts';
import type { AnyResource } from '../../../resources/resource.ts';

function marked(kind: Kind, spec: unknown = parse(exampleOf(kind)).spec): MarkedValue[] {
  return markedValues({ kind, manifest: { spec } } as AnyResource).map(found => ({
    ...found,
    path: found.path.slice(1),
  }));
}

function references(fields: readonly MarkedValue[]): string[] {
  return fields
    .filter(({ marks }) => marks.reference)
    .map(({ path, value, marks }) => `${path.join('.')} → ${marks.reference} ${value}`);
}

describe('marks', () => {
  it('finds references in single targets and in lists of them', () => {
    assert.deepEqual(references(marked('Api')), [
      'routes.0.to.function → Function orders',
      'routes.1.to.function → Function orders',
      'routes.2.to.0.function → Function checkout-v1',
      'routes.2.to.1.function → Function checkout-v2',
    ]);
  });

  it('finds references in every corner of a pipeline', () => {
    const steps = [
      { map: { function: 'enrich' } },
      { join: { view: 'users', key: '${event.id}', as: 'user' } },
      { window: { tumbling: '1s', aggregate: { n: 'count()' }, late: { topic: 'late' } } },
      { branch: [{ steps: [{ flatMap: { function: 'split' } }], to: [{ queue: 'work' }] }] },
    ];
    const found = references(marked('Pipeline', { from: { topic: 'in' }, steps, to: [{ fanOut: 'big' }] }));
    assert.deepEqual(found, [
      'from.topic → Topic in',
      'steps.0.map.function → Function enrich',
      'steps.1.join.view → View users',
      'steps.2.window.late.topic → Topic late',
      'steps.3.branch.0.steps.0.flatMap.function → Function split',
      'steps.3.branch.0.to.0.queue → Queue work',
      'to.0.fanOut → FanOut big',
    ]);
  });

  it('finds expressions with their scope, their result and their form', () => {
    const found = marked('Subscription').filter(({ marks }) => marks.expression);
    assert.deepEqual(
      found.map(({ path, marks }) => [path.join('.'), marks.expression]),
      [
        ['filter', { scope: 'event', result: 'bool', form: 'whole' }],
        ['idempotency.key', { scope: 'event', result: 'string', form: 'whole' }],
      ],
    );
  });

  it('finds an expression where an object could stand as well', () => {
    const expression = marked('FanOut').find(({ path, marks }) => path[0] === 'split' && marks.expression);
    assert.deepEqual(expression?.marks.expression, { scope: 'event', result: 'list', form: 'whole' });
  });

  it('finds JSON Schemas and values with expressions in them', () => {
    assert.deepEqual(
      marked('Topic')
        .filter(({ marks }) => marks.jsonSchema)
        .map(({ path }) => path),
      [['schema']],
    );
    const body = marked('Aggregate').find(({ path }) => path.join('.') === 'response.body');
    assert.equal(body?.marks.expression?.form, 'value');
  });

  const secrets: readonly [kind: Kind, path: string][] = [
    ['Function', 'spec.env[].valueFrom.secretKeyRef.name'],
    ['Function', 'spec.headers[].valueFrom.secretKeyRef.name'],
    ['Function', 'spec.imagePullSecrets[]'],
    ['Api', 'spec.auth.apiKey.secret'],
    ['Queue', 'spec.callbacks.secret'],
    ['Topic', 'spec.encoding.registry.credentials'],
  ];
  for (const [kind, path] of secrets) {
    it(`say that ${path} of ${kind} names a Secret`, () => {
      const fields = fieldsOf(toNode(kinds[kind].spec), 'spec');
      const node = fields.find(field => field.path === path.replace(/\[\]$/, ''))?.node;
      assert.equal((path.endsWith('[]') ? node?.items : node)?.marks?.external, 'Secret');
    });
  }
});

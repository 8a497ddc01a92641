// Metadata as people and as Kubernetes write it.
import assert from 'node:assert/strict';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';

const topic = (metadata: object) => ({ apiVersion: 'tenfold.dev/v1alpha1', kind: 'Topic', metadata, spec: {} });
const fn = (metadata: object) => ({ ...topic(metadata), kind: 'Function', spec: { source: './a.ts' } });

describe('manifest', () => {
  it('takes what Kubernetes writes into metadata, and its status', () => {
    const manifest = {
      ...fn({
        name: 'a',
        namespace: 'b',
        uid: 'u',
        resourceVersion: '1',
        generation: 2,
        managedFields: [{}],
        labels: { l: 'm' },
      }),
      status: { conditions: [] },
    };
    const parsed = manifestSchema('Function').parse(manifest);
    assert.equal(parsed.metadata.namespace, 'b');
    assert.deepEqual(parsed.metadata.labels, { l: 'm' });
  });

  it('puts a resource without namespace into default', () => {
    const { metadata } = manifestSchema('Function').parse(fn({ name: 'a' }));
    assert.deepEqual(metadata, { name: 'a', namespace: 'default', labels: {}, annotations: {} });
  });

  it('parses units and sets defaults', () => {
    const { spec } = manifestSchema('Function').parse(fn({ name: 'a' }));
    assert.equal(spec.timeout, 29_000);
    assert.equal(spec.maxBody, 10 * 2 ** 20);
    assert.deepEqual(spec.scale, { min: 0, max: 20, idle: 60_000 });
  });

  const names: readonly [name: string, asTopic: boolean, asOther: boolean][] = [
    ['orders', true, true],
    ['orders-2', true, true],
    ['orders.created', true, false],
    ['a'.repeat(63), true, true],
    ['a'.repeat(64), true, false],
    ['a'.repeat(201), false, false],
    ['Orders', false, false],
    ['orders_created', false, false],
    ['-orders', false, false],
    ['orders-', false, false],
    ['orders..created', false, false],
    ['', false, false],
  ];
  for (const [name, asTopic, asOther] of names) {
    it(`${asTopic ? 'takes' : 'refuses'} "${name.slice(0, 20)}" (${name.length}) for a Topic and ${asOther ? 'takes' : 'refuses'} it for others`, () => {
      assert.equal(manifestSchema('Topic').safeParse(topic({ name })).success, asTopic);
      assert.equal(manifestSchema('Function').safeParse(fn({ name })).success, asOther);
    });
  }

  it('refuses another version, another kind, and unknown members beside spec', () => {
    const valid = fn({ name: 'a' });
    for (const wrong of [
      { ...valid, apiVersion: 'tenfold.dev/v1' },
      { ...valid, kind: 'Topic' },
      { ...valid, specs: {} },
    ]) {
      assert.equal(manifestSchema('Function').safeParse(wrong).success, false);
    }
  });

  it('refuses members called __proto__ wherever they stand, and names their place', () => {
    const part = '{ "to": { "function": "f" }, "headers": { "__proto__": "x" } }';
    const spec = `{ "parts": { "a": ${part}, "__proto__": ${part} }, "response": { "body": [{ "__proto__": 1 }] } }`;
    const manifest = JSON.parse(
      `{ "apiVersion": "tenfold.dev/v1alpha1", "kind": "Aggregate", "metadata": { "name": "a" }, "spec": ${spec} }`,
    );
    const issues = manifestSchema('Aggregate').safeParse(manifest).error?.issues ?? [];
    const places = issues.map(issue => [issue.path.join('.'), issue.code === 'unrecognized_keys' && issue.keys]);
    assert.deepEqual(places, [
      ['spec.parts', ['__proto__']],
      ['spec.parts.a.headers', ['__proto__']],
      ['spec.parts.__proto__.headers', ['__proto__']],
      ['spec.response.body.0', ['__proto__']],
    ]);
  });
});

// Windows that count events where their Topic has them: for which Topics they do; and Topics that
// are not made to grow.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';

const load = (text: string) => {
  const documents = text.split('\n').map(each => `apiVersion: tenfold.dev/v1alpha1\n${each.replaceAll('; ', '\n')}`);
  const { resources, problems } = loadText('app.yaml', documents.join('\n---\n'));
  assert.deepEqual(problems, []);
  return createResourceSet(resources);
};

describe('a Topic whose events are counted where they are', () => {
  const clicks = (spec: string) => `kind: Topic; metadata: { name: clicks }; spec: ${spec}`;
  const counts = (by: string, more = '') =>
    `kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks }, steps: [{ window: { tumbling: 10s, by: "${by}", aggregate: { hits: count()${more} } } }], to: [{ view: trends }] }`;
  const KEY = '${event.data.key}';
  const keyed = (partitions: number) => clicks(`{ partitions: ${partitions}, key: "${KEY}" }`);
  const table = 'kind: View; metadata: { name: trends }; spec: { from: [clicks], table: { key: "${event.id}" } }';
  const sourceOf = (text: string) =>
    compileEvents(load(text), { storage: true, kafka: true }).pipelines[0]?.settings.topology.source.kind;

  it('counts events where they are only where nobody publishes them under another key', () => {
    const copy = (key: string) =>
      `kind: Pipeline; metadata: { name: copy }; spec: { from: { topic: orders }, to: [{ topic: clicks${key} }] }`;
    const branched = `kind: Pipeline; metadata: { name: copy }; spec: { from: { topic: orders }, steps: [{ branch: [{ to: [{ topic: clicks, key: "\${event.id}" }] }] }], to: [{ view: trends }] }`;
    const rest = [table, 'kind: Topic; metadata: { name: orders }; spec: { partitions: 1 }'];
    const kinds = [
      [keyed(3)],
      [keyed(3), copy('')],
      [keyed(3), copy(`, key: "${KEY}"`)],
      [keyed(3), copy(', key: "${event.id}"')],
      [keyed(3), branched],
      [clicks(`{ key: "${KEY}", external: true }`)],
      [clicks(`{ key: "${KEY}", kafka: { topic: theirs } }`)],
    ].map(texts => sourceOf([...rest, counts(KEY), ...texts].join('\n')));
    assert.deepEqual(kinds, ['window', 'window', 'window', 'flow', 'flow', 'flow', 'flow']);
  });

  it('may grow', () => {
    const [before, now] = [3, 5].map(partitions => load([table, keyed(partitions), counts(KEY)].join('\n')));
    assert.deepEqual(compileEvents(now ?? load(''), { storage: true, kafka: false, before }).findings, []);
  });

  it('lets no Topic grow whose changes a Strangler writes back to legacy in order', () => {
    const facade = (sync: string) =>
      `kind: Strangler; metadata: { name: shop }; spec: { legacy: { url: "http://legacy.test" }, features: [{ name: orders, match: { path: /orders/* }, to: { url: "http://new.test" }${sync} }] }`;
    const synced = facade(', sync: { topic: clicks, to: { url: "http://legacy.test/import" } }');
    const growing = (first: string[], next: string[]) => {
      const [before, now] = [first, next].map(texts => load(texts.join('\n')));
      const plan = compileEvents(now ?? load(''), { storage: true, kafka: false, before });
      return plan.findings.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
    };
    const [refused = '', ...others] = growing([keyed(3), synced], [keyed(5), synced]);
    assert.match(
      refused,
      /^error spec.partitions: Topic clicks cannot get more partitions while the sync of Strangler/,
    );
    assert.deepEqual(others, []);
    for (const [first, next] of [
      [
        [keyed(3), synced],
        [keyed(3), synced],
      ],
      [
        [keyed(3), synced],
        [keyed(5), facade('')],
      ],
      [
        [keyed(3), facade('')],
        [keyed(5), synced],
      ],
    ] as const) {
      assert.deepEqual(growing([...first], [...next]), []);
    }
  });
});

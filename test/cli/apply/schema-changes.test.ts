// What `tenfold apply` compares with the cluster before it writes.
import assert from 'node:assert/strict';
import { changesOfSchemas, changesOfWindows } from '../../../cli/apply/schema-changes.ts';
import { loadText } from '../../../resources/load/load-text.ts';

const topic = (total: object) => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind: 'Topic',
  metadata: { name: 'orders', namespace: 'shop' },
  spec: { schema: { properties: { total } } },
});
const subscription = {
  apiVersion: 'tenfold.dev/v1alpha1',
  kind: 'Subscription',
  metadata: { name: 'of-another-application', namespace: 'shop' },
  spec: { topic: 'orders', to: { url: 'http://ship.example' } },
};
const broken = { ...topic({}), spec: { partitions: 'many' } };
const lastValid = JSON.stringify({ generation: 1, spec: topic({ type: ['string', 'null'] }).spec });
const once = { ...broken, metadata: { ...broken.metadata, generation: 2 }, status: { lastValid } };

const pipeline = (emit: string, size = '1m') => ({
  apiVersion: 'tenfold.dev/v1alpha1',
  kind: 'Pipeline',
  metadata: { name: 'counts', namespace: 'shop' },
  spec: {
    from: { topic: 'orders' },
    steps: [{ window: { tumbling: size, aggregate: { count: 'count()' }, emit } }],
    to: [{ topic: 'counts' }],
  },
});

/** A cluster with these objects, and what was asked of it. */
function clusterWith(
  ...objects: (typeof subscription | ReturnType<typeof topic> | ReturnType<typeof pipeline> | typeof broken)[]
) {
  const asked: string[] = [];
  return {
    asked,
    async list({ kind }: { readonly kind: string }, namespace: string) {
      asked.push(`${namespace}/${kind}`);
      return objects.filter(one => one.kind === kind);
    },
  };
}

const filesWith = (total: object) => loadText('app.yaml', JSON.stringify(topic(total))).resources;

describe('schemas of files and of a cluster', () => {
  it('are compared, and readers in the cluster are named', async () => {
    const cluster = clusterWith(topic({ type: ['string', 'null'] }), subscription);
    const [found, ...others] = await changesOfSchemas(filesWith({ type: 'string' }), cluster);
    assert.deepEqual(others, []);
    assert.equal(found?.severity, 'error');
    assert.match(found.message, /Subscription "of-another-application" reads the Topic/);
  });

  it('need one question where nothing breaks', async () => {
    const cluster = clusterWith(topic({ type: 'string' }), subscription);
    assert.deepEqual(await changesOfSchemas(filesWith({ type: ['string', 'null'] }), cluster), []);
    assert.deepEqual(cluster.asked, ['shop/Topic']);
  });

  it('are not compared where there is no valid Topic', async () => {
    assert.deepEqual(await changesOfSchemas(filesWith({ type: 'string' }), clusterWith()), []);
    assert.deepEqual(await changesOfSchemas(filesWith({ type: 'string' }), clusterWith(broken)), []);
    assert.deepEqual(await changesOfSchemas([], clusterWith()), []);
  });

  it('are those in force where the newest version of the Topic has mistakes', async () => {
    const [found] = await changesOfSchemas(filesWith({ type: 'string' }), clusterWith(once));
    assert.equal(found?.severity, 'error');
  });
});

describe('windows of files and of a cluster', () => {
  const changesTo = (file: object, ...there: Parameters<typeof clusterWith>) =>
    changesOfWindows(loadText('app.yaml', JSON.stringify(file)).resources, clusterWith(...there));

  it('are compared, with a warning where they begin anew', async () => {
    const [found, ...others] = await changesTo(pipeline('final', '2m'), pipeline('final'));
    assert.deepEqual(others, []);
    assert.equal(found?.severity, 'warning');
    assert.match(found.message, /Pipeline "counts" begins anew .* \(tumbling\)/);
  });

  it('go on where only what is emitted is another', async () => {
    assert.deepEqual(await changesTo(pipeline('changes'), pipeline('final')), []);
  });

  it('ask nothing of the cluster where no Pipeline has a window or a join', async () => {
    const cluster = clusterWith(pipeline('final'));
    await changesOfWindows(filesWith({ type: 'string' }), cluster);
    assert.deepEqual(cluster.asked, []);
  });
});

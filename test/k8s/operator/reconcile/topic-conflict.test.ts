// A Topic that cannot have its partitions is told to a person. What failed beside that is tried
// again.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { toResource } from '../../../../k8s/catalog/to-resource.ts';
import type { ReconcileContext } from '../../../../k8s/operator/reconcile/reconcile-context.ts';
import { reconcileTopic } from '../../../../k8s/operator/reconcile/topics.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';

const object = {
  apiVersion: API_VERSION,
  kind: 'Topic',
  metadata: { name: 'orders', namespace: 'shop', uid: 'u', generation: 1 },
  spec: { partitions: 3 },
};

async function afterFailure(failure: TenfoldError) {
  const parsed = toResource('Topic', object);
  assert.ok('resource' in parsed && parsed.resource.kind === 'Topic');
  const topics = { nameOf: () => 'shop.orders', ensure: () => Promise.reject(failure), remove: async () => {} };
  const context = { topics, verdicts: () => ({ inForce: new Map() }) } as unknown as ReconcileContext;
  return reconcileTopic(context, object, parsed.resource, new AbortController().signal);
}

describe('a Topic that cannot have its partitions', () => {
  const refusal = new TenfoldError('conflict', 'It has 4 partitions.');

  it('is told to a person, and left until somebody changes it', async () => {
    for (const failure of [refusal, new TenfoldError('conflict', 'All else is in force.', { cause: refusal })]) {
      const acted = await afterFailure(failure);
      assert.match(JSON.stringify(acted?.workload), /TopicConflict/);
      assert.equal(acted?.error, undefined);
    }
  });

  it('is looked at again where its other settings failed', async () => {
    const cause = new TenfoldError('log-unavailable', 'No broker answers.');
    const acted = await afterFailure(
      new TenfoldError('conflict', 'It has 4 partitions. No broker answers.', { cause }),
    );
    assert.match(JSON.stringify(acted?.workload), /TopicConflict/);
    assert.equal(acted?.error, cause);
  });
});

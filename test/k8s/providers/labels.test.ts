// What people write on a Function for themselves: labels and annotations of it restart nothing.
import assert from 'node:assert/strict';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { deployedOf } from '../../../k8s/providers/openfaas/deployed.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { context } from './deployment/functions.ts';

function functionWith(metadata: object) {
  const parsed = toResource('Function', {
    apiVersion: API_VERSION,
    kind: 'Function',
    metadata: { name: 'menu', namespace: 'default', ...metadata },
    spec: { image: 'ghcr.io/acme/menu:1' },
  });
  assert.ok('resource' in parsed && parsed.resource.kind === 'Function');
  return parsed.resource;
}

describe('Labels and annotations of a Function', () => {
  const plain = functionWith({});
  const labelled = functionWith({
    labels: { team: 'shop', 'app.kubernetes.io/name': 'other', 'tenfold.dev/function': 'other' },
    annotations: { 'example.com/reviewed': 'yes', 'kubectl.kubernetes.io/restartedAt': 'now' },
  });

  for (const provider of [deploymentProvider, knativeProvider]) {
    it(`change nothing of what ${provider.name} makes of it`, () => {
      assert.deepEqual(provider.wanted(labelled, context), provider.wanted(plain, context));
    });
  }

  it('change nothing of what OpenFaaS is asked for', () => {
    const about = { owner: context.owner, community: true, listenerKey: undefined, at: '2026-01-01T00:00:00Z' };
    assert.deepEqual(deployedOf(labelled, about), deployedOf(plain, about));
  });
});

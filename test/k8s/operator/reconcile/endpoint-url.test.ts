// Where resources are reached at the internal listener.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { toResource } from '../../../../k8s/catalog/to-resource.ts';
import { endpointUrlOf } from '../../../../k8s/operator/reconcile/endpoint-url.ts';
import { exampleOf } from '../../../../resources/generate/kind-page.ts';
import { kindNames } from '../../../../resources/kinds/kind-names.ts';

const LISTENERS = { url: 'http://tenfold-internal.tenfold-system.svc:8081', audience: 'tenfold' };

describe('The address of a resource at the internal listener', () => {
  const paths: Readonly<Record<string, string>> = {
    Topic: '/topics/',
    Queue: '/queues/',
    View: '/views/',
    FanOut: '/fan-outs/',
  };
  for (const kind of kindNames) {
    it(`is ${paths[kind] ?? 'none'} for ${kind}`, () => {
      const parsed = toResource(kind, parse(exampleOf(kind)));
      assert.ok('resource' in parsed);
      const { resource } = parsed;
      const path = paths[kind];
      assert.equal(endpointUrlOf(resource, LISTENERS), path && `${LISTENERS.url}${path}${resource.metadata.name}`);
      assert.equal(endpointUrlOf(resource, undefined), undefined);
    });
  }
});

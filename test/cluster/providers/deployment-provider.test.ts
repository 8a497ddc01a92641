// What Functions are made of is what a real API server takes, field by field,
// and keeps as it was written.
import assert from 'node:assert/strict';
import { objectPath, read } from '../../../k8s/api/kube-object.ts';
import { matchesDesired } from '../../../k8s/operator/function/matches-desired.ts';
import { createDeploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { context, functionOf, variants } from '../../k8s/providers/deployment/functions.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';

describe('Objects of Functions on a real API server', () => {
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    // Where nothing but what is restricted may run.
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'restricted', labels } };
    assert.equal((await plane.client.apply('/api/v1/namespaces/restricted', namespace)).status, 201);
  });

  after(async () => {
    await plane?.close();
  });

  const provider = createDeploymentProvider({ inFlightMetric: 'tenfold_function_requests' });
  // The API server writes it as 1k.
  const inFlight = { image: 'ghcr.io/acme/menu:1', scale: { target: 1000 } };
  for (const [name, spec] of Object.entries({ ...variants, 'a target of calls in flight': inFlight })) {
    const objects = provider.wanted(functionOf(spec, 'menu', 'restricted'), context);
    for (const object of objects) {
      const resource = provider.resources.find(one => one.kind === object.kind);
      if (!resource) throw new Error(`No resource for ${object.kind}.`);
      it(`${object.kind} of a Function with ${name}`, async () => {
        const path = objectPath(resource, 'restricted', object.metadata.name);
        const answer = await plane.client.apply(path, object, { dryRun: true });
        assert.ok(answer.status < 300, message(answer));
        assert.ok(matchesDesired(answer.body, object), `it came back as ${JSON.stringify(answer.body, null, 1)}`);
      });
    }

    it(`pods of a Function with ${name} may run where only what is restricted may`, async () => {
      const template = read(
        objects.find(one => one.kind === 'Deployment'),
        'spec',
        'template',
      ) as { metadata: object; spec: object };
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...template.metadata, name: 'menu' },
        spec: template.spec,
      };
      const answer = await plane.client.apply('/api/v1/namespaces/restricted/pods/menu', pod, { dryRun: true });
      assert.equal(answer.status, 201, message(answer));
    });
  }
});

// What Knative is given of a Function, where that is not what the Function says.
import assert from 'node:assert/strict';
import { read } from '../../../../k8s/api/kube-object.ts';
import { knativeObjects } from '../../../../k8s/providers/knative/objects.ts';
import { context, functionOf } from '../deployment/functions.ts';

function specOf(spec: object): unknown {
  const objects = knativeObjects(functionOf({ image: 'ghcr.io/acme/menu:1', ...spec }), context);
  return objects.find(({ kind }) => kind === 'Service')?.['spec'];
}

describe('The Knative Service of a Function', () => {
  it('gives its pods half a minute to end, or as long as a call may take', () => {
    const seconds = (timeout: string) => read(specOf({ timeout }), 'template', 'spec', 'timeoutSeconds');
    assert.deepEqual(['200ms', '29s', '31s', '10m'].map(seconds), [30, 30, 31, 600]);
  });

  it('makes a new Revision when a Secret that it names has changed, where these are seen', () => {
    const annotationsOf = (settingsVersion?: string) => {
      const [service] = knativeObjects(functionOf({ image: 'ghcr.io/acme/menu:1' }), {
        ...context,
        settingsVersion,
      }).filter(({ kind }) => kind === 'Service');
      return read(service, 'spec', 'template', 'metadata', 'annotations', 'tenfold.dev/settings');
    };
    assert.deepEqual([undefined, '1', '2'].map(annotationsOf), [undefined, '1', '2']);
  });

  it('says nothing of how calls are split between its Revisions', () => {
    assert.equal(read(specOf({}), 'traffic'), undefined);
  });

  it('keeps the name of the version behind a canary as long as there is one', () => {
    const live = [
      {
        apiVersion: 'serving.knative.dev/v1',
        kind: 'Service',
        metadata: { name: 'kn-menu', namespace: 'default' },
        status: { latestReadyRevisionName: 'kn-menu-00001' },
      },
    ];
    const keptOf = (spec: object) =>
      knativeObjects(functionOf({ image: 'ghcr.io/acme/menu:1', ...spec }), context, live).find(
        ({ kind }) => kind === 'Service',
      )?.metadata.annotations;
    assert.deepEqual(keptOf({ canary: { percent: 10 } }), { 'tenfold.dev/stable-revision': 'kn-menu-00001' });
    assert.deepEqual([keptOf({ canary: { percent: 100 } }), keptOf({})], [undefined, undefined]);
  });
});

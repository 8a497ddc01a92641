// How Functions reach the internal listener: by a token of the pod that opens nothing else, and by
// no key that could be read off an object.
import assert from 'node:assert/strict';
import { listenersOf } from '../../../cli/operator/begin.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { read, readList } from '../../../k8s/api/kube-object.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { audienceOf, type InternalListeners } from '../../../k8s/providers/internal-listeners.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { context, functionOf } from './deployment/functions.ts';

const URL = 'http://internal.tenfold-system.svc:8081';
const SECRET = 'a secret of the platform';
const config = (secret?: string) => ({ functions: { internalUrl: URL }, internal: { port: 8081, secret } });

describe('A Function in a cluster', () => {
  for (const provider of [deploymentProvider, knativeProvider]) {
    const objectsWith = (listeners: InternalListeners | undefined) =>
      provider.wanted(functionOf({ image: 'ghcr.io/acme/menu:1' }), { ...context, listeners });
    const podWith = (listeners: InternalListeners | undefined) => {
      const found = objectsWith(listeners).find(({ kind }) => kind === 'Deployment' || kind === 'Service');
      const workload =
        provider.name === 'deployment' ? objectsWith(listeners).find(one => one.kind === 'Deployment') : found;
      return read(workload, 'spec', 'template', 'spec');
    };

    describe(`by ${provider.name}`, () => {
      const listeners = listenersOf(config(SECRET), 'tenfold-system');

      it('has a token for the internal listener alone, and is told where it is', () => {
        const pod = podWith(listeners);
        const volume = readList(pod, 'volumes').find(one => read(one, 'name') === 'internal-key');
        assert.deepEqual(read(volume, 'projected', 'sources'), [
          {
            serviceAccountToken: {
              audience: 'tenfold.dev/internal/tenfold-system',
              expirationSeconds: 3600,
              path: 'token',
            },
          },
        ]);
        const [container] = readList(pod, 'containers');
        const mount = readList(container, 'volumeMounts').find(one => read(one, 'name') === 'internal-key');
        assert.deepEqual(mount, {
          name: 'internal-key',
          mountPath: '/var/run/secrets/tenfold.dev/internal',
          readOnly: true,
        });
        const env = readList(container, 'env');
        const variable = (name: string) =>
          read(
            env.find(one => read(one, 'name') === name),
            'value',
          );
        assert.equal(variable('TENFOLD_INTERNAL_URL'), URL);
        assert.equal(variable('TENFOLD_INTERNAL_KEY_FILE'), '/var/run/secrets/tenfold.dev/internal/token');
        assert.equal(read(pod, 'automountServiceAccountToken'), false);
      });

      it('has no key in any of its objects', () => {
        const text = JSON.stringify(objectsWith(listeners));
        assert.ok(!text.includes(createCallerKeys(SECRET).keyFor('default')));
        assert.ok(!text.includes('TENFOLD_INTERNAL_KEY"'));
      });

      it('stays as it is when the secret of the platform changes', () => {
        const other = listenersOf(config('another secret'), 'tenfold-system');
        assert.deepEqual(objectsWith(listeners), objectsWith(other));
      });

      it('has nothing of that where the doors are not known', () => {
        assert.ok(!JSON.stringify(objectsWith(undefined)).includes('tenfold.dev/internal'));
      });
    });
  }

  it('needs no secret for that, but an address', () => {
    const listeners = listenersOf(config(), 'tenfold-system');
    assert.deepEqual(listeners, { url: URL, audience: audienceOf('tenfold-system') });
    assert.equal(listenersOf({ functions: {}, internal: { port: 8081, secret: SECRET } }, 'tenfold-system'), undefined);
  });

  it('has a token that no other installation takes', () => {
    assert.notEqual(audienceOf('one'), audienceOf('another'));
  });
});

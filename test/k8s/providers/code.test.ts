// Functions whose code is stored in the cluster: what their pods are given, and
// what is not taken for code.
import assert from 'node:assert/strict';
import { read } from '../../../k8s/api/kube-object.ts';
import { codeParts, withRuntime } from '../../../k8s/providers/code.ts';
import { podTemplateOf } from '../../../k8s/providers/deployment/pod-template.ts';
import { context, functionOf } from './deployment/functions.ts';

const IMAGE = 'tenfold/function:1.0.0';
const RUNTIME = { image: IMAGE };
const stored = (name: string) => functionOf({ source: './menu.ts' }, 'menu', 'default', { 'tenfold.dev/source': name });

describe('a Function with source', () => {
  it('runs in the image of the runtime, with its code mounted', () => {
    const fn = withRuntime(stored('fn-menu-source-0123456789'), RUNTIME);
    assert.ok(fn);
    const pod = read(podTemplateOf(fn, context), 'spec');
    const [container] = read(pod, 'containers') as readonly unknown[];
    assert.equal(read(container, 'image'), IMAGE);
    const env = read(container, 'env') as readonly { name: string; value: string }[];
    assert.deepEqual(
      env.filter(({ name }) => name === 'TENFOLD_FUNCTION'),
      [{ name: 'TENFOLD_FUNCTION', value: '/function/function.mjs.gz' }],
    );
    const mounts = read(container, 'volumeMounts') as readonly unknown[];
    assert.deepEqual(mounts.at(-1), { name: 'code', mountPath: '/function', readOnly: true });
    const volumes = read(pod, 'volumes') as readonly unknown[];
    assert.deepEqual(volumes.at(-1), { name: 'code', configMap: { name: 'fn-menu-source-0123456789' } });
  });

  it('does not run without its code, or without an image of the runtime', () => {
    assert.equal(withRuntime(functionOf({ source: './menu.ts' }), RUNTIME), undefined);
    assert.equal(withRuntime(stored('fn-menu-source-0123456789'), { image: undefined }), undefined);
  });

  for (const name of ['settings', 'fn-other-source-0123456789', 'fn-menu-source-', 'fn-menu-source-../x']) {
    it(`takes no ConfigMap "${name}" for its code`, () => {
      assert.equal(withRuntime(stored(name), RUNTIME), undefined);
      assert.deepEqual(codeParts(stored(name)).volumes, []);
    });
  }

  it('with an image runs in that, whatever code is stored', () => {
    const fn = functionOf({ image: 'ghcr.io/acme/menu:1' }, 'menu', 'default', {
      'tenfold.dev/source': 'fn-menu-source-0123456789',
    });
    assert.equal(withRuntime(fn, RUNTIME), fn);
    assert.deepEqual(codeParts(fn).volumeMounts, []);
  });
});

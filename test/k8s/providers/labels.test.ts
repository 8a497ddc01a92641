// What people write on a Function for themselves: labels and annotations of it restart nothing, and
// pods get the labels that the installation names.
import assert from 'node:assert/strict';
import { type KubeObject, read } from '../../../k8s/api/kube-object.ts';
import { toResource } from '../../../k8s/catalog/to-resource.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../k8s/providers/knative/provider.ts';
import { deployedOf } from '../../../k8s/providers/openfaas/deployed.ts';
import { podLabelsOf, whyNoPodLabel } from '../../../resources/function-labels.ts';
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
    const about = {
      owner: context.owner,
      community: true,
      listenerKey: undefined,
      podLabels: {},
      at: '2026-01-01T00:00:00Z',
    };
    assert.deepEqual(deployedOf(labelled, about), deployedOf(plain, about));
  });
});

describe('Labels that the installation names', () => {
  const names = ['team', 'example.com/*', 'unused'];
  const labels = { team: 'shop', 'example.com/cost-center': '42', 'example.org/other': 'x', tier: 'y' };
  const named = { 'example.com/cost-center': '42', team: 'shop' };
  const fn = functionWith({ labels });
  const podLabels = podLabelsOf(fn.metadata.labels, names);
  const templateOf = (objects: readonly KubeObject[]) => {
    const template = (one: KubeObject) => read(one, 'spec', 'template', 'metadata');
    return template(objects.find(one => template(one) !== undefined) ?? assert.fail('nothing has pods'));
  };

  it('are those by their keys, or all of a domain', () => {
    assert.deepEqual(podLabels, named);
    assert.deepEqual(podLabelsOf(labels, []), {});
  });

  for (const provider of [deploymentProvider, knativeProvider]) {
    const made = (chosen: Readonly<Record<string, string>>) => provider.wanted(fn, { ...context, podLabels: chosen });

    it(`reach its pods by ${provider.name}, and select none of them`, () => {
      const found = read(templateOf(made(podLabels)), 'labels');
      assert.deepEqual({ ...(found as object), ...named }, found);
      const rest = (objects: readonly KubeObject[]) => objects.map(one => read(one, 'spec', 'selector'));
      assert.deepEqual(rest(made(podLabels)), rest(made({})));
    });

    it(`change nothing of its pods by ${provider.name} in another order, and their version with another value`, () => {
      const turned = podLabelsOf(Object.fromEntries(Object.entries(labels).reverse()), names);
      assert.equal(JSON.stringify(made(turned)), JSON.stringify(made(podLabels)));
      assert.notDeepEqual(templateOf(made({ ...podLabels, team: 'other' })), templateOf(made(podLabels)));
    });

    it(`take nothing from those of the platform by ${provider.name}`, () => {
      const taken = { 'app.kubernetes.io/component': 'gateway', 'tenfold.dev/function': 'other' };
      const found = read(templateOf(made(taken)), 'labels', 'app.kubernetes.io/component');
      assert.equal(found, 'function');
    });
  }

  it('reach its pods by OpenFaaS, and are a change there', () => {
    const made = (chosen: Readonly<Record<string, string>>) =>
      deployedOf(fn, { owner: context.owner, community: true, listenerKey: undefined, podLabels: chosen, at: '' });
    assert.deepEqual({ ...made(podLabels).labels, ...named }, made(podLabels).labels);
    const applied = (chosen: Readonly<Record<string, string>>) => made(chosen).annotations['tenfold.dev/applied'];
    assert.equal(applied(podLabels), applied({ ...podLabels }));
    assert.notEqual(applied(podLabels), applied({}));
  });
});

describe('The name of a label for pods', () => {
  for (const name of [
    'team',
    'cost-center',
    'Team_1.a',
    'example.com/team',
    'example.com/*',
    'team.kubernetes.io.example.com/a',
  ])
    it(`may be ${name}`, () => assert.equal(whyNoPodLabel(name), undefined));

  const others = [
    ...['', '*', '-team', 'a b', 'example.com/', '/team', 'Example.com/team', `${'a'.repeat(64)}`, 'a/b/c', 'team*'],
    ...['tenfold.dev/function', 'tenfold.dev/*', 'app.kubernetes.io/name', 'serving.knative.dev/service', 'k8s.io/*'],
    ...['pod-template-hash', 'faas_function', 'com.openfaas.scale.min', 'topology.kubernetes.io/zone'],
  ];
  for (const name of others)
    it(`may not be ${name || 'nothing'}`, () => assert.notEqual(whyNoPodLabel(name), undefined));
});

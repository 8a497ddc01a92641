// Which provider a Function gets.
import assert from 'node:assert/strict';
import { chooseProvider, whyNone } from '../../../../k8s/operator/function/choose-provider.ts';
import { deploymentProvider as deployment } from '../../../../k8s/providers/deployment/provider.ts';
import { knativeProvider as knative } from '../../../../k8s/providers/knative/provider.ts';
import type { FunctionProvider, ProviderName } from '../../../../k8s/providers/provider.ts';

const nothing = { asked: undefined, preferred: undefined, holding: [] };

describe('The provider of a Function', () => {
  const rows: readonly [
    name: string,
    asked: ProviderName | undefined,
    preferred: ProviderName | undefined,
    available: readonly FunctionProvider[],
    holding: readonly FunctionProvider[],
    expected: ProviderName | undefined,
  ][] = [
    ['is the best that there is', undefined, undefined, [knative, deployment], [], 'knative'],
    ['is a Deployment where there is nothing else', undefined, undefined, [deployment], [], 'deployment'],
    [
      'stays what it was when a better one comes',
      undefined,
      undefined,
      [knative, deployment],
      [deployment],
      'deployment',
    ],
    ['is another one when the one before is gone', undefined, undefined, [deployment], [knative], 'deployment'],
    ['is the one that is asked for', 'deployment', 'knative', [knative, deployment], [knative], 'deployment'],
    ['is the one that the operator is set to', undefined, 'deployment', [knative, deployment], [knative], 'deployment'],
    ['is none when that which is asked for is not there', 'knative', undefined, [deployment], [deployment], undefined],
    ['is none when that which is set is not there', undefined, 'openfaas', [deployment], [], undefined],
  ];
  for (const [name, asked, preferred, available, holding, expected] of rows) {
    it(name, () => assert.equal(chooseProvider({ asked, preferred, available, holding })?.name, expected));
  }

  it('that is not there is named, with those that are', () => {
    const available = [deployment];
    assert.match(whyNone({ ...nothing, asked: 'knative', available }), /"knative".*deployment/);
    assert.match(whyNone({ ...nothing, preferred: 'openfaas', available }), /"openfaas".*set to.*deployment/);
  });
});

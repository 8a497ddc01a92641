// Header fields that a Function by url gets with every call.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (run: string, headers: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: payments }
spec:
  ${run}
  headers:
${headers}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /pay }, to: { function: payments } }
`;
const fromSecret = '    - { name: authorization, valueFrom: { secretKeyRef: { name: psp, key: token } } }';

describe('headers of a Function by url', () => {
  it('go with every call, in place of those that the client sent', async () => {
    const upstream = await startUpstream();
    const listener = await serveYaml(
      yaml(`url: ${upstream.origin}`, `${fromSecret}\n    - { name: x-shop, value: beans }`),
      {
        functions: { payments: upstream.origin },
        secrets: (_namespace, name) => (name === 'psp' ? { token: 'Bearer ours' } : undefined),
      },
    );
    const answer = await fetch(`${listener.address}/pay`, {
      headers: { authorization: 'Bearer theirs', 'x-shop': 'evil' },
    });
    const { rawHeaders } = (await answer.json()) as Echo;
    assert.deepEqual(
      rawHeaders.filter((_, index) => rawHeaders[index - 1] === 'authorization'),
      ['Bearer ours'],
    );
    assert.deepEqual(
      rawHeaders.filter((_, index) => rawHeaders[index - 1] === 'x-shop'),
      ['beans'],
    );
    await listener.close();
    await upstream.close();
  });

  const refused: Record<string, [string, string, string]> = {
    'a Secret that is not there': ['url: http://psp.example', fromSecret, 'spec.headers.0.valueFrom'],
    'a field of the gateway’s own': [
      'url: http://psp.example',
      '    - { name: x-forwarded-for, value: a }',
      'spec.headers.0.name',
    ],
    'headers of a Function of ours': ['source: ./a.ts', '    - { name: x-shop, value: a }', 'spec.headers'],
  };
  for (const [name, [run, headers, path]] of Object.entries(refused)) {
    it(`are refused for ${name}`, () => {
      const { resources } = loadText('app.yaml', yaml(run, headers));
      const { problems } = compilePlan(
        createResourceSet(resources),
        createFakeEnvironment(),
        createPlanStateStore().begin(),
      );
      assert.ok(problems.some(problem => problem.severity === 'error' && problem.path.join('.') === path));
    });
  }
});

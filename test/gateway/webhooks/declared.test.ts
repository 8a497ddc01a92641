// Webhooks that would not do what they seem to: refused or warned about, with the place.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { findings, stock } from '../../resources/references/check-text.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const apiOf = (auth: string, to = '{ topic: plain }') => `${head} Topic
metadata: { name: plain }
spec: {}
---
${head} Function
metadata: { name: direct }
spec: { url: "http://direct" }
---
${head} Api
metadata: { name: hooks }
spec:
  routes:
    - match: { method: POST, path: /in }
      to: ${to}
      auth: ${auth}
`;

const queueOf = (name: string) => `${head} Queue\nmetadata: { name: ${name} }\nspec: { to: { function: direct } }\n---`;
const QUEUES = `---\n${queueOf('work')}\n${queueOf('more')}`;

/** Where and what the compiler says. */
function compiled(text: string): string[] {
  const { resources, problems } = loadText('app.yaml', text);
  assert.deepEqual(problems, []);
  const states = createPlanStateStore();
  const plan = compilePlan(createResourceSet(resources), createFakeEnvironment(), states.begin());
  states.close();
  return plan.problems.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`);
}

describe('a declared webhook', () => {
  const webhook = 'webhook: { kind: github, secret: hook }';

  it('needs a Topic or a Queue, and warns where repeats are stored', () => {
    const [direct, ...more] = compiled(apiOf(`{ ${webhook} }`, '{ function: direct }'));
    assert.match(direct ?? '', /^error spec\.routes\.0\.auth\.webhook: A webhook leads to a Topic or a Queue/);
    assert.deepEqual(more, []);
    const split = '[{ queue: work, weight: 1 }, { queue: more, weight: 1 }]';
    const [several] = compiled(apiOf(`{ ${webhook} }`, split).replace('---', QUEUES));
    assert.match(several ?? '', /^error spec\.routes\.0\.auth\.webhook: A webhook has one target/);
    const [repeats] = compiled(apiOf(`{ ${webhook} }`));
    assert.match(repeats ?? '', /^warning spec\.routes\.0\.to: The Topic plain has no "deduplicate"/);
  });

  it('always needs its signature', () => {
    const { problems } = loadText('app.yaml', apiOf(`{ ${webhook}, required: false }`));
    assert.deepEqual(
      problems.map(({ path, message }) => `${path}: ${message}`),
      ['spec.routes[0].auth.required: A webhook always needs its signature. Remove "required", or the webhook.'],
    );
  });

  it('of GitHub has no time to be tolerant with', () => {
    const routes = `[{ match: { method: POST, path: /in }, to: { topic: created }, auth: { webhook: { kind: github, secret: hook, tolerance: 1m } } }]`;
    assert.deepEqual(findings([...stock, ['Api', 'hooks', `{ routes: ${routes} }`]]), [
      'spec.routes[0].auth.webhook.tolerance | "tolerance" has no effect here: GitHub signs no time. Remove it.',
    ]);
  });
});

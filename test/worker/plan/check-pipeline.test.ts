// What of a Pipeline is refused rather than ignored.
import assert from 'node:assert/strict';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { resourcesOf } from '../pipelines/harness.ts';

const findings = (steps: string) =>
  compileEvents(
    resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: {}
kind: Topic; metadata: { name: payments }; spec: {}
kind: View; metadata: { name: best }; spec: { from: [clicks], ranking: { member: "\${event.id}" } }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks }, steps: [${steps}], to: [{ topic: clicks }] }`),
    { storage: true, kafka: false },
  ).findings.map(({ path }) => path.join('.'));
const window = (more: string) => `{ window: { ${more} } }`;
const joinTopic = (topic: string) =>
  `{ joinTopic: { topic: ${topic}, key: "\${event.id}", otherKey: "\${event.id}", within: 1s, as: other } }`;
const COUNT = 'aggregate: { "n": count() }';

describe('a Pipeline is refused', () => {
  for (const [why, steps, path] of [
    [
      'with a window behind a window',
      `${window(`tumbling: 1s, ${COUNT}`)}, ${window(`tumbling: 1m, ${COUNT}`)}`,
      '1.window',
    ],
    [
      'with one in a branch behind a window',
      `${window(`tumbling: 1s, ${COUNT}`)}, { branch: [{ steps: [${window(`tumbling: 1m, ${COUNT}`)}], to: [{ topic: clicks }] }] }`,
      '1.branch.0.steps.0.window',
    ],
    ['with too many windows that overlap', window(`hopping: { size: 1d, every: 1s }, ${COUNT}`), '0.window.hopping'],
    ['with gaps between windows', window(`hopping: { size: 1s, every: 2s }, ${COUNT}`), '0.window.hopping.every'],
    [
      'with a result that is called as its bounds are',
      window('tumbling: 1s, aggregate: { start: count() }'),
      '0.window.aggregate.start',
    ],
    [
      'with early results of each change',
      window(`tumbling: 1m, early: { events: 5 }, emit: changes, ${COUNT}`),
      '0.window.early',
    ],
    [
      'with early results of sessions',
      window(`session: { gap: 1s }, early: { every: 5s }, ${COUNT}`),
      '0.window.early',
    ],
    [
      'with a result that is called as early results say more',
      window('tumbling: 1m, early: { events: 5 }, aggregate: { index: count() }'),
      '0.window.aggregate.index',
    ],
    ['with a join with its own Topic', joinTopic('clicks'), '0.joinTopic.topic'],
    ['with a join behind a join', `${joinTopic('payments')}, ${joinTopic('payments')}`, '1.joinTopic'],
    ['with a join behind a window', `${window(`tumbling: 1s, ${COUNT}`)}, ${joinTopic('payments')}`, '1.joinTopic'],
    ['with a window behind a join', `${joinTopic('payments')}, ${window(`tumbling: 1s, ${COUNT}`)}`, '1.window'],
    ['with rows of a View that has none', '{ join: { view: best, key: "${event.id}", as: row } }', '0.join.view'],
  ] as const) {
    it(why, () => assert.deepEqual(findings(steps), [`spec.steps.${path}`]));
  }

  it('not for what it can do', () => {
    const steps = `{ filter: "\${true}" }, ${window(`session: { gap: 1s }, ${COUNT}`)}, { branch: [{ to: [{ view: best }] }] }`;
    assert.deepEqual(findings(window('tumbling: 1m, aggregate: { index: count(), pane: count() }')), []);
    assert.deepEqual(findings(steps), []);
  });
});

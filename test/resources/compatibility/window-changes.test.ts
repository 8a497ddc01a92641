// Which changes of a Pipeline bring a warning that its windows begin anew, and agree with what the
// platform does then: the id of the stage is another one.
import assert from 'node:assert/strict';
import { windowChangeProblems } from '../../../resources/compatibility/window-changes.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { resourcesOf } from '../../worker/pipelines/harness.ts';

const KEY = '"${event.data.page}"';
const window = (more = '') => `{ window: { tumbling: 1m, by: ${KEY}, aggregate: { count: count() }${more} } }`;
const WINDOW = window();
const FILTER = '{ filter: "${true}" }';
const CALL = '{ map: { function: enrich } }';
const join = (within: string, late = '') =>
  `{ joinTopic: { topic: payments, key: ${KEY}, otherKey: ${KEY}, within: ${within}, as: paid${late} } }`;

const appOf = (steps: string, time = '{}') =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: {}
kind: Topic; metadata: { name: payments }; spec: {}
kind: Topic; metadata: { name: late }; spec: {}
kind: Function; metadata: { name: enrich }; spec: { url: "http://enrich.example" }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks }, time: ${time}, steps: [${steps}], to: [{ topic: late }] }`);

/** Ids of the stages that keep what is open. */
function idsOf(app: ReturnType<typeof appOf>): string[] {
  const [plan = assert.fail('no pipeline')] = compileEvents(app, { storage: true, kafka: false }).pipelines;
  const { windows, joins, source } = plan.settings.topology;
  return [...(source.kind === 'window' ? [source.window] : []), ...windows, ...joins].map(({ id }) => id);
}

describe('changes of the windows of a Pipeline', () => {
  const rows: readonly [what: string, before: string, after: string, changed: string | undefined, time?: string][] = [
    ['nothing', WINDOW, WINDOW, undefined],
    ['emit', WINDOW, window(', emit: changes'), undefined],
    ['early', WINDOW, window(', early: { every: 5s }'), undefined],
    ['late', WINDOW, window(', late: { topic: late }'), undefined],
    ['lateness', WINDOW, window(', allowedLateness: 5s'), 'allowedLateness'],
    ['its length', WINDOW, WINDOW.replace('1m', '2m'), 'tumbling'],
    ['its shape', WINDOW, WINDOW.replace('tumbling: 1m', 'session: { gap: 1m }'), 'tumbling, session'],
    ['an aggregate', WINDOW, WINDOW.replace('count()', 'sum(event.data.n)'), 'aggregate'],
    ['event time', WINDOW, WINDOW, 'time.maxDisorder', '{ maxDisorder: 1s }'],
    ['a filter before it', WINDOW, `${FILTER}, ${WINDOW}`, 'its place among the steps'],
    ['a filter behind it', WINDOW, `${WINDOW}, ${FILTER}`, undefined],
    ['a function before it', `${FILTER}, ${WINDOW}`, `${CALL}, ${WINDOW}`, 'its place among the steps'],
    ['a filter after a function', `${CALL}, ${WINDOW}`, `${CALL}, ${FILTER}, ${WINDOW}`, 'its place among the steps'],
    ['that it goes', WINDOW, FILTER, undefined],
    ['that it comes', FILTER, WINDOW, undefined],
    ['how near events of a join are', join('1m'), join('2m'), 'within'],
    ['late events of a join', join('1m'), join('1m', ', late: { topic: late }'), undefined],
    [
      'a window in a branch',
      `{ branch: [{ steps: [${WINDOW}], to: [{ topic: late }] }] }`,
      `{ branch: [{ steps: [${WINDOW.replace('1m', '2m')}], to: [{ topic: late }] }] }`,
      'tumbling',
    ],
  ];
  for (const [what, before, after, changed, time] of rows) {
    it(`warn where they begin anew: ${what}`, () => {
      const [old, now] = [appOf(before), appOf(after, time)];
      const found = windowChangeProblems({ before: old.ofKind('Pipeline'), after: now.ofKind('Pipeline') });
      const said = found.map(({ message }) => /than before \((.*)\)\./.exec(message)?.[1]);
      assert.deepEqual(said, changed === undefined ? [] : [changed]);
      assert.deepEqual(
        found.map(({ severity }) => severity),
        said.map(() => 'warning'),
      );
      const [ids, newIds] = [idsOf(old), idsOf(now)];
      const isAnew = ids.length > 0 && newIds.some(id => !ids.includes(id));
      assert.equal(isAnew, changed !== undefined, `${ids} and ${newIds}`);
    });
  }

  it('are of one Pipeline, and not of another', () => {
    const before = appOf(WINDOW).ofKind('Pipeline');
    const after = appOf(window(', allowedLateness: 5s')).ofKind('Pipeline');
    const other = before.map(one => ({ ...one, metadata: { ...one.metadata, name: 'other' } }));
    assert.deepEqual(windowChangeProblems({ before: other, after }), []);
  });
});

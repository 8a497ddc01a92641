// What the conditions of each kind say while the disk fails that all is kept on.
import assert from 'node:assert/strict';
import type { Condition } from '../../admin/condition.ts';
import type { Gathered } from '../../admin/gathered.ts';
import { conditionsOf } from '../../admin/resource-state.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { fakeResource } from '../fakes/platform-view.ts';

const GATHERED: Gathered = {
  at: 0,
  resources: [],
  problems: [],
  functions: [],
  calls: [],
  routes: [],
  stranglers: [],
  topics: [],
  consumers: [],
  views: [],
  pipelines: [],
  fanOuts: [],
  damaged: [],
  disk: ['There is no space left.'],
};

const readyIn = (conditions: readonly Condition[]) => conditions.find(({ type }) => type === 'Ready');

describe('conditions while the disk fails', () => {
  const kindsOf = {
    DiskFailing: ['Topic', 'Subscription', 'Queue', 'View', 'Pipeline', 'FanOut'],
    other: ['Function', 'Api', 'Aggregate', 'Strangler'],
  } as const;
  const readyOf = (kind: AnyResource['kind']) => readyIn(conditionsOf(fakeResource(kind, 'one'), GATHERED));

  it('are false for all that keeps something, and say why', () => {
    for (const kind of kindsOf.DiskFailing)
      assert.deepEqual(readyOf(kind), {
        type: 'Ready',
        status: 'False',
        reason: 'DiskFailing',
        message: 'There is no space left.',
      });
  });

  it('are what they were for routes and functions', () => {
    for (const kind of kindsOf.other) assert.notEqual(readyOf(kind)?.reason, 'DiskFailing');
  });
});

describe('conditions of a Pipeline whose archive is damaged', () => {
  const owner = { kind: 'Pipeline', namespace: 'default', name: 'one', what: 'an archive file' } as const;
  const damaged = [{ key: 'archive/default/one/x', owner, reason: 'It is cut.', at: 1 }];
  const running = {
    namespace: 'default',
    name: 'one',
    state: 'running',
    lag: 0,
    archives: [],
    windows: [],
    tables: [],
  };
  const readyOf = (name: string) => {
    const pipelines = [{ ...running, name }] as never;
    const gathered = { ...GATHERED, disk: [], damaged, pipelines };
    return readyIn(conditionsOf(fakeResource('Pipeline', name), gathered));
  };

  it('say so, and how to repair it, while it goes on', () => {
    const { status, message } = readyOf('one') ?? {};
    assert.equal(status, 'True');
    assert.match(message ?? '', /^One of its objects is damaged: "tenfold doctor --repair"\. /);
  });

  it('say nothing of others', () => {
    assert.doesNotMatch(readyOf('other')?.message ?? '', /damaged/);
  });
});

// What the conditions of a resource say, for everything that can be known about it.
import assert from 'node:assert/strict';
import type { ConsumerReport } from '../../admin/event-view.ts';
import type { FanOutReport } from '../../admin/fan-out-view.ts';
import type { Gathered } from '../../admin/gathered.ts';
import { conditionsOf, problemsOf } from '../../admin/resource-state.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { AnyResource } from '../../resources/resource.ts';
import { fakeGathered } from '../fakes/gathered.ts';
import { fakeProblem, fakeResource } from '../fakes/platform-view.ts';
import { fakeFeature, fakeStrangler } from '../fakes/strangler-report.ts';

const orders = fakeResource('Function', 'orders');

function gathered(more: Partial<Gathered> = {}): Gathered {
  return fakeGathered({ resources: [orders], ...more });
}

function status(more: Partial<FunctionStatus>): FunctionStatus {
  return {
    name: 'orders',
    namespace: 'default',
    state: 'asleep',
    instances: 0,
    inFlight: 0,
    waiting: 0,
    restarts: 0,
    ...more,
  };
}

const accepted = [
  { name: 'nothing is wrong', problems: [], status: 'True', reason: 'Valid', message: /in force/ },
  {
    name: 'it has a warning',
    problems: [fakeProblem({ severity: 'warning' })],
    status: 'True',
    reason: 'Valid',
    message: /^Line 4: spec\.timeout: This is wrong\.$/,
  },
  {
    name: 'its change is refused',
    problems: [fakeProblem()],
    status: 'False',
    reason: 'Invalid',
    message: /version before this change stays in force/,
  },
  {
    name: 'an error stands beside a warning',
    problems: [fakeProblem({ severity: 'warning' }), fakeProblem()],
    status: 'False',
    reason: 'Invalid',
    message: /./,
  },
  {
    name: 'another file has an error',
    problems: [fakeProblem({ file: 'other.yaml' })],
    status: 'True',
    reason: 'Valid',
    message: /./,
  },
];

const ready = [
  {
    name: 'the host knows nothing of it',
    functions: [],
    status: 'Unknown',
    reason: 'Starting',
    message: /not reported/,
  },
  {
    name: 'it runs',
    functions: [status({ state: 'available', instances: 2 })],
    status: 'True',
    reason: 'Available',
    message: /^2 instances are available/,
  },
  {
    name: 'it runs, and a newer start failed',
    functions: [status({ state: 'available', instances: 1, lastError: 'No such module.' })],
    status: 'True',
    reason: 'Available',
    message: /^1 instance is available\. The newest trouble: No such module\.$/,
  },
  {
    name: 'it is idle',
    functions: [status({})],
    status: 'True',
    reason: 'Asleep',
    message: /next request starts it/,
  },
  {
    name: 'it starts',
    functions: [status({ state: 'starting' })],
    status: 'Unknown',
    reason: 'Starting',
    message: /starting/,
  },
  {
    name: 'it does not start',
    functions: [status({ state: 'unavailable', lastError: 'No such module.' })],
    status: 'False',
    reason: 'Unavailable',
    message: /^No such module\.$/,
  },
  {
    name: 'only a namesake runs',
    functions: [status({ state: 'available', namespace: 'other' })],
    status: 'Unknown',
    reason: 'Starting',
    message: /./,
  },
];

const topic = fakeResource('Topic', 'orders');

const report = { namespace: 'default', name: 'orders', topic: 'default.orders', there: true, partitions: 2 };

const consumer: ConsumerReport = {
  kind: 'Subscription',
  namespace: 'default',
  name: 'wall',
  topic: 'default.orders',
  target: 'function wall',
  state: 'running',
  lastError: undefined,
  pausedByCommand: false,
  lag: 3,
  oldestAgeMs: 10,
  inFlight: 0,
  parkedKeys: 1,
  parkedEvents: 1,
  deadLetters: 0,
  delivered: 0,
  attempts: 0,
  failures: 0,
};

const wall = fakeResource('Subscription', 'wall');

describe('conditions of a resource', () => {
  for (const row of accepted) {
    it(`Accepted is ${row.status} (${row.reason}) when ${row.name}`, () => {
      const [condition] = conditionsOf(orders, gathered({ problems: row.problems as never }));
      assert.equal(condition?.type, 'Accepted');
      assert.equal(condition.status, row.status);
      assert.equal(condition.reason, row.reason);
      assert.match(condition.message, row.message);
    });
  }
  for (const row of ready) {
    it(`Ready of a function is ${row.status} (${row.reason}) when ${row.name}`, () => {
      const condition = conditionsOf(orders, gathered({ functions: row.functions as never }))[1];
      assert.equal(condition?.type, 'Ready');
      assert.equal(condition.status, row.status);
      assert.equal(condition.reason, row.reason);
      assert.match(condition.message, row.message);
    });
  }

  it('Ready of a function by url says that nobody watches it', () => {
    const external = fakeResource('Function', 'orders', { spec: { url: 'https://orders.example' } as never });
    const condition = conditionsOf(external, gathered())[1];
    assert.deepEqual([condition?.status, condition?.reason], ['True', 'External']);
    assert.match(condition?.message ?? '', /https:\/\/orders\.example/);
  });

  it('Ready of a function that is scaled to 0 replicas is False (SwitchedOff)', () => {
    const off = fakeResource('Function', 'orders', { spec: { scale: { replicas: 0 } } as never });
    const condition = conditionsOf(off, gathered({ functions: [status({ state: 'stopped' })] as never }))[1];
    assert.deepEqual([condition?.status, condition?.reason], ['False', 'Stopped']);
  });

  it('Ready of an Api counts the routes that are served', () => {
    const api = fakeResource('Api', 'shop');
    const route = {
      kind: 'Api',
      namespace: 'default',
      name: 'shop',
      methods: ['GET'],
      host: undefined,
      path: '/',
      conditions: [],
      target: 'function orders',
      listeners: ['public'],
    };
    assert.equal(conditionsOf(api, gathered({ routes: [route] }))[1]?.message, '1 route.');
    assert.equal(conditionsOf(api, gathered({ routes: [{ ...route, name: 'other' }] }))[1]?.reason, 'NotTakenUp');
  });
});

describe('conditions of resources of events', () => {
  it('says of a kind that nothing runs here that it is not ready', () => {
    const condition = conditionsOf(fakeResource('Pipeline', 'clicks'), gathered())[1];
    assert.deepEqual([condition?.status, condition?.reason], ['False', 'NotTakenUp']);
  });
  const sums = fakeResource('FanOut', 'sums');
  const withFanOut = (more: Partial<FanOutReport>) => {
    const base = { namespace: 'default', name: 'sums', state: 'running', lastError: undefined } as const;
    return gathered({ fanOuts: [{ ...base, behind: 4, folded: 0, ended: {}, ...more }] });
  };
  const withConsumer = (more: Partial<ConsumerReport>) => gathered({ consumers: [{ ...consumer, ...more }] });
  const events: readonly [string, AnyResource, Gathered, string, string, RegExp][] = [
    ['a topic', topic, gathered({ topics: [{ ...report, events: 7, appended: 0 }] }), 'True', 'InForce', /7 events/],
    ['a topic that the log could not make', topic, gathered(), 'False', 'LogUnavailable', /not been able/],
    ['a topic while the log is away', topic, gathered({ topics: undefined }), 'Unknown', 'LogUnavailable', /log/],
    ['a subscription that delivers', wall, withConsumer({}), 'True', 'InForce', /3 events .* 1 key parked/],
    ['one whose target rests', wall, withConsumer({ state: 'resting' }), 'True', 'TargetRests', /left alone/],
    ['one that is paused', wall, withConsumer({ state: 'paused' }), 'True', 'Paused', /by its resource/],
    [
      'one that was paused',
      wall,
      withConsumer({ state: 'paused', pausedByCommand: true }),
      'True',
      'Paused',
      /command/,
    ],
    [
      'one that does not start',
      wall,
      withConsumer({ state: 'starting', lastError: 'no' }),
      'False',
      'Starting',
      /^no$/,
    ],
    ['one that is full', wall, withConsumer({ state: 'stopped' }), 'False', 'Stopped', /Too much is parked/],
    ['one that nothing runs', wall, gathered(), 'False', 'NotTakenUp', /./],
    ['a fan-out', sums, withFanOut({}), 'True', 'InForce', /^4 facts/],
    ['one whose facts are not known', sums, withFanOut({ behind: undefined }), 'True', 'InForce', /unknown number/],
    ['one that has trouble', sums, withFanOut({ lastError: 'later' }), 'True', 'InForce', /: later$/],
    ['one that cannot start', sums, withFanOut({ state: 'starting', lastError: 'no' }), 'False', 'Starting', /^no$/],
    ['one that starts', sums, withFanOut({ state: 'starting' }), 'Unknown', 'Starting', /./],
    ['one that was stopped', sums, withFanOut({ state: 'stopped' }), 'False', 'Stopped', /./],
    ['a fan-out that nothing runs', sums, gathered(), 'False', 'NotTakenUp', /./],
    ['a fan-out while the log is away', sums, gathered({ fanOuts: undefined }), 'Unknown', 'LogUnavailable', /log/],
    ['one while the log is away', wall, gathered({ consumers: undefined }), 'Unknown', 'LogUnavailable', /log/],
  ];
  for (const [name, resource, state, status, reason, message] of events) {
    it(`says of ${name} that it is ${reason}`, () => {
      const condition = conditionsOf(resource, state)[1];
      assert.deepEqual([condition?.status, condition?.reason], [status, reason]);
      assert.match(condition?.message ?? '', message);
    });
  }
});

describe('problems of a resource', () => {
  const first = fakeResource('Function', 'first', { origin: { file: 'app.yaml', line: 1, column: 1 } });
  const second = fakeResource('Function', 'second', { origin: { file: 'app.yaml', line: 10, column: 1 } });
  const all = gathered({
    resources: [second, first],
    problems: [
      fakeProblem({ line: 1 }),
      fakeProblem({ line: 9 }),
      fakeProblem({ line: 10 }),
      fakeProblem({ line: 99 }),
    ],
  });

  it('are those between its first line and the next document of the file', () => {
    assert.deepEqual(
      problemsOf(first, all).map(found => found.line),
      [1, 9],
    );
    assert.deepEqual(
      problemsOf(second, all).map(found => found.line),
      [10, 99],
    );
  });

  it('Ready of a Strangler says when legacy is too far behind, once its routes are served', () => {
    const shop = fakeResource('Strangler', 'shop');
    const near = { topic: 't', target: 'x', state: 'running', maxLagMs: 1, lag: 0, ageMs: 0, heldKeys: 0 } as const;
    const of = (behind: string | undefined, served = true) => {
      const sync = { ...near, delivered: 0, returned: 0, ...(behind === undefined ? {} : { behind }) };
      const route = { kind: 'Strangler', namespace: 'default', name: 'shop', methods: [], host: undefined };
      const routes = served ? [{ ...route, path: '/*', conditions: [], target: 'legacy', listeners: ['public'] }] : [];
      const stranglers = [fakeStrangler('shop', [fakeFeature('orders', { sync })])];
      return conditionsOf(shop, gathered({ resources: [shop], routes, stranglers }))[1];
    };
    assert.equal(of(undefined)?.reason, 'InForce');
    assert.equal(of('Legacy is 9s behind.')?.message, 'orders: Legacy is 9s behind.');
    assert.deepEqual([of('x')?.status, of('x')?.reason], ['True', 'LegacyBehind']);
    assert.equal(of('x', false)?.reason, 'NotTakenUp');
  });
});

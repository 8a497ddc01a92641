// What becomes of parts: dependencies, conditions, fallbacks, deadlines, policies; services are
// scripted and time is fake.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { never, ok, type Reply, reset, type Scripted, scriptParts, status } from './scripted-parts.ts';

const parts = (spec: Record<string, Record<string, unknown>>, more: Record<string, unknown> = {}) => ({
  timeout: '1s',
  parts: Object.fromEntries(Object.entries(spec).map(([name, part]) => [name, { to: { function: name }, ...part }])),
  response: { body: Object.keys(spec).map(name => `\${${name}.body}`) },
  ...more,
});

const outcomes = (outcome: ReturnType<Scripted['run']>) =>
  Object.fromEntries(
    Object.entries(outcome.results()).map(([name, result]) => [
      name,
      result && [result.outcome, ...(result.reason === undefined ? [] : [result.reason])].join(' '),
    ]),
  );

const always = (replies: Record<string, Reply>) => (part: string) => replies[part] ?? ok(10);

const plans: Record<
  string,
  { spec: Record<string, Record<string, unknown>>; replies: Record<string, Reply>; expected: object }
> = {
  'a required part that fails stops the others at once': {
    spec: { a: {}, b: {} },
    replies: { a: status(10, 500), b: ok(500) },
    expected: { a: 'failed no-answer', b: undefined },
  },
  'an optional part that fails leaves the others alone': {
    spec: { a: { required: false }, b: {} },
    replies: { a: reset(10), b: ok(50) },
    expected: { a: 'failed no-answer', b: 'ok' },
  },
  'a fallback stands in for a failed part, also for those that need it': {
    spec: { a: { fallback: { id: 'f' } }, b: { path: '/${a.body.id}' } },
    replies: { a: status(10, 503) },
    expected: { a: 'fallback busy', b: 'ok' },
  },
  'a part is not called when what it needs has failed': {
    spec: { a: { required: false }, b: { required: false, path: '/${a.body.id}' } },
    replies: { a: status(10, 404) },
    expected: { a: 'failed not-found', b: 'skipped input' },
  },
  'a condition that does not hold leaves a part out, with those that need it, required or not': {
    spec: { a: {}, b: { when: '${a.body.premium}' }, c: { path: '/${b.body.id}' } },
    replies: { a: ok(10, { premium: false }) },
    expected: { a: 'ok', b: 'skipped condition', c: 'skipped condition' },
  },
  'a condition that holds lets a part go on': {
    spec: { a: {}, b: { when: '${a.body.premium}' } },
    replies: { a: ok(10, { premium: true }) },
    expected: { a: 'ok', b: 'ok' },
  },
  'a condition may ask whether another part failed, and call a stand-in then': {
    spec: { a: { required: false }, b: { when: '${a.status != 200}' } },
    replies: { a: status(10, 500) },
    expected: { a: 'failed no-answer', b: 'ok' },
  },
  'a condition that cannot be evaluated is no permission': {
    spec: { a: {}, b: { required: false, when: '${a.body.premium}' } },
    replies: { a: ok(10, {}) },
    expected: { a: 'ok', b: 'failed expression' },
  },
  'an answer without the member that a path is made from fails the part, not the process': {
    spec: { a: {}, b: { required: false, path: '/${a.body.id}' } },
    replies: { a: ok(10, {}) },
    expected: { a: 'ok', b: 'failed expression' },
  },
  'a value that would lead to another path is not followed': {
    spec: { a: {}, b: { required: false, path: '/x/${a.body.id}/y' } },
    replies: { a: ok(10, { id: '..' }) },
    expected: { a: 'ok', b: 'failed invalid-input' },
  },
  'a value with a line end does not become a header': {
    spec: { a: {}, b: { required: false, headers: { 'x-id': '${a.body.id}' } } },
    replies: { a: ok(10, { id: 'a\r\nx-admin: 1' }) },
    expected: { a: 'ok', b: 'failed invalid-input' },
  },
  'half a surrogate pair in a path does no harm': {
    spec: { a: {}, b: { path: '/x/${a.body.id}' } },
    replies: { a: ok(10, { id: '\ud800' }) },
    expected: { a: 'ok', b: 'ok' },
  },
  'a body that is not the JSON it says to be fails the part': {
    spec: { a: { required: false } },
    replies: { a: { afterMs: 10, kind: { status: 200, body: '{"a":' } } },
    expected: { a: 'failed no-answer' },
  },
  'a body of a type that no expression can read fails the part': {
    spec: { a: { required: false } },
    replies: { a: { afterMs: 10, kind: { status: 200, body: 'x', fields: ['content-type', 'image/png'] } } },
    expected: { a: 'failed no-answer' },
  },
  'a body larger than allowed fails the part': {
    spec: { a: { required: false, maxBody: 10 } },
    replies: { a: ok(10, { text: 'longer than ten bytes' }) },
    expected: { a: 'failed no-answer' },
  },
  'a redirect is not followed, and no answer': {
    spec: { a: { required: false } },
    replies: { a: status(10, 302) },
    expected: { a: 'failed no-answer' },
  },
  'a part has its own time limit': {
    spec: { a: { required: false, timeout: '50ms' }, b: {} },
    replies: { a: never, b: ok(60) },
    expected: { a: 'failed timeout', b: 'ok' },
  },
  'a retry makes a failed call again': {
    spec: { a: { retry: { attempts: 2, on: ['503'] } } },
    replies: {},
    expected: { a: 'ok' },
  },
};

describe('the parts of an aggregate', () => {
  it('are called at the same time when they do not need each other', () => {
    const scripted = scriptParts(parts({ a: {}, b: {}, c: {} }), () => never);
    scripted.run();
    assert.deepEqual(
      scripted.started.map(({ part, at }) => [part, at]),
      [
        ['a', 0],
        ['b', 0],
        ['c', 0],
      ],
    );
  });

  it('are called as soon as what they are made from is there, not later', async () => {
    const spec = parts({
      a: {},
      slow: {},
      b: { path: '/${a.body.next}' },
      c: { path: '/${b.body.next}?x=${a.body.next}' },
    });
    const scripted = scriptParts(
      spec,
      always({ a: ok(20, { next: 'n a' }), b: ok(30, { next: 'n/b' }), slow: ok(500) }),
    );
    scripted.run();
    await scripted.world.pass(100);
    assert.deepEqual(
      scripted.started.map(({ part, at, call }) => [part, at, call.path]),
      [
        ['a', 0, '/'],
        ['slow', 0, '/'],
        ['b', 20, '/n%20a'],
        ['c', 50, '/n%2Fb?x=n%20a'],
      ],
    );
  });
  for (const [name, { spec, replies, expected }] of Object.entries(plans)) {
    it(name, async () => {
      const scripted = scriptParts(parts(spec), (part, nth) =>
        name.startsWith('a retry') && nth === 0 ? status(5, 503) : always(replies)(part),
      );
      const outcome = scripted.run();
      await scripted.world.pass(2000);
      assert.deepEqual(outcomes(outcome), expected);
      assert.ok(
        scripted.started.every(({ call }) => call.ended),
        'no call is left behind',
      );
    });
  }

  it('have one deadline together: at it the optional fail and no further one begins', async () => {
    const spec = parts({ a: { required: false, fallback: { id: 1 } }, b: { required: false, path: '/${a.body.id}' } });
    const scripted = scriptParts(spec, () => never);
    const outcome = scripted.run();
    await scripted.world.pass(2000);
    assert.equal(outcome.doneAt, 1000);
    assert.deepEqual(outcomes(outcome), { a: 'fallback timeout', b: 'failed timeout' });
    assert.deepEqual(
      scripted.started.map(({ part }) => part),
      ['a'],
    );
  });

  it('tell their services how much time is left', async () => {
    const spec = parts({ a: { timeout: '300ms' }, b: {}, c: { path: '/${a.body.id}' } });
    const scripted = scriptParts(spec, always({ a: ok(200, { id: 1 }), b: ok(900) }));
    scripted.run();
    const left = () => Object.fromEntries(scripted.started.map(({ part, call }) => [part, call.remainingMs]));
    assert.deepEqual(left(), { a: 300, b: 1000 });
    await scripted.world.pass(200);
    assert.equal(left()['c'], 800);
  });

  it('are all given up when the one who asked is gone', () => {
    const scripted = scriptParts(parts({ a: {}, b: {} }), () => never);
    const outcome = scripted.run();
    outcome.run.cancel();
    assert.ok(scripted.started.every(({ call }) => call.ended));
    assert.equal(outcome.doneAt, undefined);
  });

  it('are each a child of the trace of the request', () => {
    const scripted = scriptParts(parts({ a: {}, b: {} }), () => never);
    scripted.run();
    const [a, b] = scripted.started.map(({ call }) => call.trace);
    assert.equal(a?.traceId, b?.traceId);
    assert.notEqual(a?.spanId, b?.spanId);
  });

  it('stop calling a service whose circuit breaker is open', async () => {
    const breaker = { errorRate: '50%', minimum: 2, open: '10s' };
    const scripted = scriptParts(parts({ a: { required: false, circuitBreaker: breaker } }), () => status(1, 500));
    for (let round = 0; round < 2; round++) {
      scripted.run();
      await scripted.world.pass(10);
    }
    const outcome = scripted.run();
    await scripted.world.pass(10);
    assert.deepEqual(outcomes(outcome), { a: 'failed busy' });
    assert.equal(scripted.started.length, 2);
  });
});

describe('headers of an aggregate', () => {
  for (const name of ['host', 'content-length', 'transfer-encoding', 'connection', 'tenfold-key', 'x-forwarded-for']) {
    it(`cannot set ${name}, which is the gateway's`, () => {
      const of = (spec: Record<string, unknown>) => scriptParts(spec, () => never).problems.join();
      assert.match(of(parts({ a: { headers: { [name]: 'x' } } })), /set by the gateway/);
      assert.match(of(parts({ a: {} }, { response: { body: {}, headers: { [name]: 'x' } } })), /set by the gateway/);
    });
  }
});

describe('the path of a part', () => {
  it('must begin with a slash, whatever the expressions in it give', () => {
    const spec = parts({ a: { path: '${params.id}' } });
    const document = { apiVersion: 'tenfold.dev/v1alpha1', kind: 'Aggregate', metadata: { name: 'test' }, spec };
    const { problems } = loadText('app.yaml', JSON.stringify(document));
    assert.deepEqual(
      problems.map(({ path, message }) => [path, message]),
      [['spec.parts.a.path', 'A path must begin with "/", such as "/orders/${params.id}".']],
    );
  });
});

describe('a hedged part', () => {
  const hedged = (hedge: Record<string, unknown>) => parts({ a: { hedge } });

  it('is called again when the first call is slow; the first good answer wins and the loser is given up', async () => {
    const scripted = scriptParts(hedged({ after: '50ms' }), (_, nth) => (nth === 0 ? ok(500) : ok(10)));
    const outcome = scripted.run();
    await scripted.world.pass(60);
    assert.deepEqual([outcome.doneAt, outcomes(outcome)], [60, { a: 'ok' }]);
    assert.ok(scripted.started.every(({ call }) => call.ended));
  });

  it('is not called again when the first answers in time', async () => {
    const scripted = scriptParts(hedged({ after: '50ms' }), () => ok(40));
    scripted.run();
    await scripted.world.pass(1000);
    assert.equal(scripted.started.length, 1);
  });

  it('waits for the further call when the first fails after it was made', async () => {
    const scripted = scriptParts(hedged({ after: '50ms' }), (_, nth) => (nth === 0 ? status(60, 500) : ok(30)));
    const outcome = scripted.run();
    await scripted.world.pass(1000);
    assert.deepEqual([outcome.doneAt, outcomes(outcome)], [80, { a: 'ok' }]);
  });

  it('is called at most as often as allowed', async () => {
    const scripted = scriptParts(hedged({ after: '10ms', max: 3 }), () => never);
    scripted.run();
    await scripted.world.pass(2000);
    assert.equal(scripted.started.length, 4);
  });

  it('learns from recent calls what is slow, and makes no further call before it knows', async () => {
    // The slowest but one of twenty takes 28 ms: that is their 95th percentile.
    const scripted = scriptParts(hedged({ after: 'p95' }), (_, nth) => ok(nth < 20 ? 10 + nth : 500));
    for (let round = 0; round < 20; round++) {
      scripted.run();
      await scripted.world.pass(100);
    }
    assert.equal(scripted.started.length, 20);
    scripted.run();
    await scripted.world.pass(27);
    assert.equal(scripted.started.length, 21);
    await scripted.world.pass(2);
    assert.equal(scripted.started.length, 22);
  });
});

// A circuit breaker under fake time: when it opens, whom it lets through, when
// it closes, and what counts.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../../core/errors.ts';
import { Breaker } from '../../../../gateway/upstream/policies/breaker.ts';
import { withBreaker } from '../../../../gateway/upstream/policies/with-breaker.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { type Act, createCall, createTarget, type ScriptedCall } from '../../scripted-call.ts';

const settings = { errorRate: 0.5, window: 10_000, minimum: 4, open: 5000, probes: 1 };

function create(more: Partial<typeof settings> = {}) {
  const world = createFakeWorld();
  const breaker = new Breaker();
  const logged: string[] = [];
  const init = {
    world,
    settings: { ...settings, ...more },
    breaker,
    log: (_level: string, message: string) => logged.push(message),
    name: 'Function/default/test',
  };
  const send = (act: Act): ScriptedCall => {
    const call = createCall(world);
    withBreaker(createTarget(act), init).send(call);
    return call;
  };
  return { world, breaker, logged, send };
}

const isRefused = (call: ScriptedCall) => call.error instanceof TenfoldError && call.error.code === 'circuit-open';

describe('a circuit breaker', () => {
  const counting: Record<string, [Act, 'open' | 'closed']> = {
    'a 5xx': [500, 'open'],
    'a refused connection': ['connect', 'open'],
    'a lost connection': ['reset', 'open'],
    'no 4xx': [404, 'closed'],
    'no 429': [429, 'closed'],
  };
  for (const [name, [act, state]] of Object.entries(counting)) {
    it(`counts ${name} as a failure`, () => {
      const { breaker, send } = create();
      for (let index = 0; index < 4; index++) send(act);
      assert.equal(breaker.state, state);
    });
  }

  it('counts calls that ran out of time, and none whose client left', async () => {
    const { breaker, send, world } = create();
    for (let index = 0; index < 8; index++) send('hang').leave();
    assert.deepEqual([breaker.state, breaker.evidence.calls], ['closed', 0]);
    for (let index = 0; index < 4; index++) send('hang');
    await world.pass(1000);
    assert.equal(breaker.state, 'open');
  });

  it('opens only with enough calls and a high enough share, and says why once', () => {
    const { breaker, send, logged } = create({ minimum: 10 });
    for (let index = 0; index < 5; index++) send(200);
    for (let index = 0; index < 4; index++) send(500);
    assert.equal(breaker.state, 'closed');
    send(500);
    assert.equal(breaker.state, 'open');
    assert.deepEqual(logged, ['A circuit breaker has opened: too many calls failed.']);
  });

  it('refuses with 503 and the time that is left, without calling', async () => {
    const { send, world } = create();
    for (let index = 0; index < 4; index++) send(500);
    await world.pass(1500);
    const call = send(200);
    assert.ok(isRefused(call));
    assert.equal((call.error as TenfoldError).retryAfterSeconds, 4);
    assert.equal((call.error as TenfoldError).status, 503);
  });

  it('lets one probe through when its time is over, and closes when that succeeds', async () => {
    const { breaker, send, world, logged } = create();
    for (let index = 0; index < 4; index++) send(500);
    await world.pass(5000);
    const probe = send('hang');
    assert.equal(breaker.state, 'half-open');
    assert.ok(isRefused(send(200)), 'a second one waits');
    probe.leave();
    send(200);
    assert.equal(breaker.state, 'closed');
    assert.match(logged.at(-1)!, /has closed/);
    assert.ok(!isRefused(send(500)));
  });

  it('opens again when a probe fails, also by silence', async () => {
    const { breaker, send, world } = create();
    for (let index = 0; index < 4; index++) send(500);
    await world.pass(5000);
    send(500);
    assert.equal(breaker.state, 'open');
    await world.pass(5000);
    send('hang');
    await world.pass(1000);
    assert.equal(breaker.state, 'open');
    assert.equal(breaker.opened, 3);
  });

  it('lets as many probes through at a time as declared', async () => {
    const { send, world } = create({ probes: 2 });
    for (let index = 0; index < 4; index++) send(500);
    await world.pass(5000);
    const refused = [send('hang'), send('hang'), send('hang')].map(isRefused);
    assert.deepEqual(refused, [false, false, true]);
  });

  it('forgets what is older than its window', async () => {
    const { breaker, send, world } = create();
    for (let index = 0; index < 3; index++) send(500);
    await world.pass(11_000);
    send(500);
    assert.deepEqual(breaker.evidence, { calls: 1, failed: 1 });
  });

  it('leaves errors of ours that say nothing of the target alone', () => {
    const { breaker, world } = create();
    const init = { world, settings, breaker, log() {}, name: 'x' };
    const failing = {
      label: 'function test',
      send: (call: { fail(error: unknown): void }) => call.fail(new TenfoldError('overloaded', 'full')),
    };
    for (let index = 0; index < 10; index++) withBreaker(failing, init).send(createCall(world));
    assert.deepEqual(breaker.evidence, { calls: 0, failed: 0 });
  });
});

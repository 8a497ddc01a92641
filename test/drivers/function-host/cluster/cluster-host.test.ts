// The function host of a cluster: where calls go, which of them wait, for how long and how many.
import assert from 'node:assert/strict';
import { createClusterHost } from '../../../../drivers/function-host/cluster/cluster-host.ts';
import type { Place } from '../../../../drivers/function-host/cluster/whereabouts.ts';
import type { FunctionDefinition } from '../../../../drivers/function-host/function-host.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const never = new AbortController().signal;

function definition(name: string, run: FunctionDefinition['run'] = { by: 'provider' }): FunctionDefinition {
  const numbers = {
    concurrency: 1,
    minInstances: 0,
    maxInstances: 1,
    timeoutMs: 1000,
    maxBodyBytes: 1000,
    idleMs: 1000,
  };
  return { name, namespace: 'default', run, env: {}, ...numbers };
}

function start(first: Place, listens: (url: string) => boolean = () => false) {
  const world = createFakeWorld();
  let place = first;
  let changed: (namespace: string, name: string) => void = () => {};
  let called = 0;
  const host = createClusterHost({
    world,
    probe: async url => listens(url),
    limits: { maxWaiting: 2, waitMs: 10_000 },
    whereabouts: {
      of: () => place,
      called: () => void called++,
      follow(listener) {
        changed = listener;
      },
    },
  });
  host.apply([definition('menu')]);
  return {
    world,
    host,
    called: () => called,
    move(next: Place) {
      place = next;
      changed('default', 'menu');
    },
  };
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'served',
    error => `${error.code} ${error.retryAfterSeconds}`,
  );

describe('the function host of a cluster', () => {
  it('sends calls to where the Function is, at once', () => {
    const { host } = start({ state: 'up', url: 'http://fn-menu.default.svc/base/' });
    const lease = host.tryAcquire('default', 'menu');
    assert.equal(`${lease?.origin} ${lease?.basePath}`, 'http://fn-menu.default.svc /base');
    assert.equal(host.status()[0]?.inFlight, 1);
    lease?.release();
    lease?.release();
    assert.equal(host.status()[0]?.inFlight, 0);
  });

  it('lets calls wait until it is up, and no more than so many', async () => {
    const { host, move } = start({ state: 'asleep', url: undefined });
    assert.equal(host.tryAcquire('default', 'menu'), undefined);
    const waiting = [host.acquire('default', 'menu', never), host.acquire('default', 'menu', never)];
    assert.equal(await codeOf(host.acquire('default', 'menu', never)), 'overloaded 1');
    move({ state: 'up', url: 'http://a' });
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ origin }) => origin),
      ['http://a', 'http://a'],
    );
  });

  it('lets none wait longer than so long, or than its caller does', async () => {
    const { host, world } = start({ state: 'starting', url: 'http://a' });
    const caller = new AbortController();
    const impatient = host.acquire('default', 'menu', caller.signal).catch(error => error.message);
    const patient = codeOf(host.acquire('default', 'menu', never));
    caller.abort(new Error('enough'));
    assert.equal(await impatient, 'enough');
    await world.pass(9_000);
    assert.equal(host.status()[0]?.waiting, 1);
    await world.pass(1_500);
    assert.equal(await patient, 'function-crashed 5');
    assert.equal(host.status()[0]?.waiting, 0);
  });

  it('finds out by itself that somebody answers, when nobody tells', async () => {
    let listens = false;
    const { host, world, called } = start({ state: 'asleep', url: 'http://a' }, () => listens);
    const waiting = host.acquire('default', 'menu', never);
    await world.pass(500);
    assert.ok(called() > 1, 'it says again and again that it is needed');
    listens = true;
    await world.pass(100);
    assert.equal((await waiting).origin, 'http://a');
    assert.equal(host.tryAcquire('default', 'menu')?.origin, 'http://a');
  });

  it('does not take for up what fell asleep again', async () => {
    const { host, world, move } = start({ state: 'asleep', url: 'http://a' }, () => true);
    const waiting = host.acquire('default', 'menu', never);
    await world.pass(100);
    await waiting;
    move({ state: 'up', url: 'http://a' });
    move({ state: 'asleep', url: 'http://a' });
    assert.equal(host.tryAcquire('default', 'menu'), undefined);
  });

  it('refuses at once what cannot come up, also for those who wait', async () => {
    const { host, move } = start({ state: 'starting', url: undefined });
    const waiting = codeOf(host.acquire('default', 'menu', never));
    move({ state: 'failing', why: 'no such image' });
    assert.equal(await waiting, 'function-crashed 5');
    move({ state: 'off' });
    assert.equal(await codeOf(host.acquire('default', 'menu', never)), 'function-off 30');
  });

  it('lets who waits go to where the Function is declared to be meanwhile', async () => {
    const { host } = start({ state: 'starting', url: undefined });
    const waiting = host.acquire('default', 'menu', never);
    host.apply([definition('menu', { by: 'url', url: 'http://elsewhere' })]);
    assert.equal((await waiting).origin, 'http://elsewhere');
  });

  it('lets nobody wait for what is gone', async () => {
    const { host } = start({ state: 'starting', url: undefined });
    const waiting = codeOf(host.acquire('default', 'menu', never));
    host.apply([]);
    assert.equal(await waiting, 'shutting-down 1');
    await assert.rejects(host.acquire('default', 'menu', never), { code: 'unknown-function' });
  });
});

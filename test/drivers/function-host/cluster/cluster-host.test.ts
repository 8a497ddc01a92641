// The function host of a cluster: where calls go, which of them wait, for how long and how many.
import assert from 'node:assert/strict';
import { createClusterHost } from '../../../../drivers/function-host/cluster/cluster-host.ts';
import type { FunctionPlace, Instance } from '../../../../drivers/function-host/cluster/whereabouts.ts';
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

function start(first: FunctionPlace, listens: (url: string) => boolean | Promise<boolean> = () => false) {
  const world = createFakeWorld();
  let place = first;
  let changed: (namespace: string, name: string) => void = () => {};
  let called = 0;
  const followers = new Set<(instances: readonly Instance[]) => void>();
  let instances: readonly Instance[] | undefined = [];
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
      followInstances(_namespace, _name, told) {
        if (!isService(place)) return undefined;
        followers.add(told);
        if (instances) told(instances);
        return { close: () => void followers.delete(told) };
      },
    },
  });
  host.apply([definition('menu')]);
  return {
    world,
    host,
    called: () => called,
    move(next: FunctionPlace) {
      place = next;
      changed('default', 'menu');
    },
    followed: () => followers.size,
    have(next: readonly Instance[]) {
      instances = next;
      for (const told of followers) told(next);
    },
    /** Nobody says at once which instances there are. */
    tellLater() {
      instances = undefined;
    },
  };
}

const SERVICE = 'http://fn-menu.default.svc';
const isService = (place: FunctionPlace) => 'url' in place && place.url === SERVICE;

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'served',
    error => `${error.code} ${error.retryAfterSeconds}`,
  );

const instance = (number: number, ready = false): Instance => ({ origin: `http://10.0.0.${number}:8080`, ready });

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

  it('sends who waits to an instance as soon as that listens, whatever its address leads to', async () => {
    let listens = false;
    const { host, world, have, move, followed } = start(
      { state: 'asleep', url: SERVICE },
      url => listens && url === instance(1).origin,
    );
    const waiting = host.acquire('default', 'menu', never);
    await world.pass(200);
    move({ state: 'starting', url: SERVICE });
    have([instance(1)]);
    await world.pass(200);
    assert.equal(host.status()[0]?.waiting, 1, 'it has an address, and does not listen yet');
    listens = true;
    await world.pass(25);
    const lease = await waiting;
    assert.deepEqual([lease.origin, lease.via], [SERVICE, instance(1).origin]);
    assert.equal(host.tryAcquire('default', 'menu')?.via, instance(1).origin);
    assert.equal(followed(), 1);
  });

  it('calls instances directly until what leads to them has followed, each in its turn', async () => {
    const { host, world, have, move, followed } = start({ state: 'up', url: SERVICE, since: 'before' });
    const via = () => host.tryAcquire('default', 'menu')?.via;
    have([instance(1, true), instance(2, true), instance(3)]);
    assert.equal(via(), undefined, 'nothing has changed');
    assert.equal(followed(), 0);
    move({ state: 'up', url: SERVICE, since: 'a roll-out' });
    assert.equal(followed(), 0, 'nobody calls it');
    assert.deepEqual(new Set([via(), via(), via()]), new Set([instance(1).origin, instance(2).origin]));
    have([instance(3, true)]);
    assert.equal(via(), instance(3).origin);
    have([]);
    assert.equal(via(), undefined, 'none is known: its address may lead further');
    have([instance(3, true)]);
    await world.pass(5_000);
    assert.equal(via(), undefined);
    assert.equal(followed(), 0);
  });

  const ELSEWHERE: FunctionPlace = { state: 'up', url: 'http://kn-menu.default.svc', since: 'long' };

  it('calls no address that is new before it is told which instances that has', async () => {
    const { host, world, have, move, tellLater } = start(ELSEWHERE);
    tellLater();
    move({ ...ELSEWHERE, since: 'it moves' });
    assert.equal(host.tryAcquire('default', 'menu')?.origin, ELSEWHERE.url, 'its instances are called by no one');
    move({ state: 'up', url: SERVICE, since: 'it has moved' });
    const waiting = host.acquire('default', 'menu', never);
    await world.pass(100);
    assert.equal(host.status()[0]?.waiting, 1);
    have([instance(1, true)]);
    const lease = await waiting;
    assert.deepEqual([lease.origin, lease.via], [SERVICE, instance(1).origin]);
  });

  it('waits for that no longer than a second', async () => {
    const { host, world, move, tellLater } = start(ELSEWHERE);
    tellLater();
    move({ state: 'up', url: SERVICE, since: 'it has moved' });
    const waiting = host.acquire('default', 'menu', never);
    await world.pass(900);
    assert.equal(host.status()[0]?.waiting, 1);
    await world.pass(200);
    assert.deepEqual([(await waiting).origin, (await waiting).via], [SERVICE, undefined]);
  });

  it('calls none of the instances it had when it has another address', async () => {
    const { host, have, move } = start({ state: 'up', url: SERVICE, since: 'long' });
    move({ state: 'up', url: SERVICE, since: 'a roll-out' });
    have([instance(1, true)]);
    assert.equal(host.tryAcquire('default', 'menu')?.via, instance(1).origin);
    move(ELSEWHERE);
    const lease = host.tryAcquire('default', 'menu');
    assert.deepEqual([lease?.origin, lease?.via], [ELSEWHERE.url, undefined]);
  });
});

describe('the function host of a cluster, where instances come and go', () => {
  it('does not follow for ever what comes up and is not called any more', async () => {
    const { host, world, have, followed } = start({ state: 'starting', url: SERVICE });
    const caller = new AbortController();
    const waiting = host.acquire('default', 'menu', caller.signal).catch(error => error.message);
    assert.equal(followed(), 1);
    have([instance(1)]);
    await world.pass(1_000);
    caller.abort(new Error('enough'));
    assert.equal(await waiting, 'enough');
    await world.pass(5_100);
    assert.equal(followed(), 0);
    host.apply([]);
  });

  it('forgets an instance that listened once it is none any more', async () => {
    const { host, world, have } = start({ state: 'starting', url: SERVICE }, url => url === instance(1).origin);
    const waiting = host.acquire('default', 'menu', never);
    have([instance(1)]);
    await world.pass(50);
    await waiting;
    have([instance(2)]);
    assert.equal(host.tryAcquire('default', 'menu'), undefined);
  });

  it('asks an instance again that was not listed for a moment, as when the watch of them was cut', async () => {
    const asked: PromiseWithResolvers<boolean>[] = [];
    const { host, world, have } = start({ state: 'starting', url: SERVICE }, url => {
      if (url === SERVICE) return false;
      const answer = Promise.withResolvers<boolean>();
      asked.push(answer);
      return answer.promise;
    });
    const waiting = host.acquire('default', 'menu', never);
    have([instance(1)]);
    have([]);
    have([instance(1)]);
    assert.equal(asked.length, 2);
    asked[0]?.resolve(true);
    await world.pass(50);
    assert.equal(host.status()[0]?.waiting, 1, 'that was the one before');
    asked[1]?.resolve(true);
    await world.pass(50);
    assert.equal((await waiting).via, instance(1).origin);
  });

  it('refuses at once what cannot come up, also for those who wait', async () => {
    const { host, move } = start({ state: 'starting', url: undefined });
    const waiting = codeOf(host.acquire('default', 'menu', never));
    move({ state: 'failing', why: 'no such image' });
    assert.deepEqual([await waiting, host.status()[0]?.lastError], ['function-crashed 5', 'no such image']);
    move({ state: 'off' });
    assert.equal(host.status()[0]?.state, 'stopped');
    assert.equal(await codeOf(host.acquire('default', 'menu', never)), 'function-off 30');
    move({ state: 'starting', url: undefined });
    const late = codeOf(host.acquire('default', 'menu', never));
    move({ state: 'gone' });
    assert.match(`${await late} ${host.status()[0]?.lastError}`, /^unknown-function undefined It has been deleted/);
  });

  it('lets who waits go to where the Function is declared to be meanwhile', async () => {
    const { host } = start({ state: 'starting', url: undefined });
    const waiting = host.acquire('default', 'menu', never);
    host.apply([definition('menu', { by: 'url', url: 'http://elsewhere' })]);
    assert.equal((await waiting).origin, 'http://elsewhere');
  });

  it('lets who waits follow it however often that changes', async () => {
    const { host } = start({ state: 'starting', url: undefined });
    const waiting = host.acquire('default', 'menu', never);
    host.apply([definition('menu', { by: 'url', url: 'http://for-a-moment' })]);
    host.apply([definition('menu')]);
    await new Promise(setImmediate);
    assert.equal(host.status()[0]?.waiting, 1);
    host.apply([definition('menu', { by: 'url', url: 'http://elsewhere' })]);
    assert.equal((await waiting).origin, 'http://elsewhere');
  });

  it('lets nobody wait for what is gone', async () => {
    const { host } = start({ state: 'starting', url: undefined });
    const waiting = codeOf(host.acquire('default', 'menu', never));
    host.apply([]);
    assert.equal(await waiting, 'unknown-function undefined');
    await assert.rejects(host.acquire('default', 'menu', never), { code: 'unknown-function' });
  });
});

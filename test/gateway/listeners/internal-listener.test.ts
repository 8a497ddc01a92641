// The internal listener: who may call, what the function sees, and which bounds hold.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld } from '../../../core/world.ts';
import type { FunctionHost, Lease } from '../../../drivers/function-host/function-host.ts';
import type { Answered } from '../../../gateway/listeners/answered.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import type { Callers } from '../../../gateway/listeners/callers.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { type ListenerServer, openListener } from '../../../gateway/listeners/listener-server.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { CallTimes } from '../../../gateway/upstream/call-times.ts';
import { createFunctionTarget } from '../../../gateway/upstream/function-target.ts';
import { AskedPause } from '../../../gateway/upstream/policies/asked-pause.ts';
import { RetryBudget } from '../../../gateway/upstream/policies/retry-budget.ts';
import { eventually } from '../../eventually.ts';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';

const keys = createCallerKeys('a secret');
const headers = { 'tenfold-key': keys.keyFor('shop') };

/**
 * Whose a token is: whoever says so takes time, and may not be able to. Each test
 * that sends a token sets it.
 */
let found: () => Promise<string | undefined>;
const callers: Callers = {
  namespaceOf: key => (key?.startsWith('token') ? found() : keys.namespaceOf(key)),
};

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let listener: ListenerServer;
let answered: Answered[];
/** Instances of the function that are in use. */
let leases: number;

const lease = (): Lease => {
  leases++;
  return { origin: upstream.origin, basePath: '', release: () => leases-- };
};
const never = (signal: AbortSignal) =>
  new Promise<Lease>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** How the host answers: an instance at once, and none to whoever has to wait. */
let tryAcquire: () => Lease | undefined;
let acquire: (signal: AbortSignal) => Promise<Lease>;
const host: FunctionHost = {
  apply() {},
  tryAcquire: () => tryAcquire(),
  acquire: (_namespace, _name, signal) => acquire(signal),
  status: () => [],
  async close() {},
};

function useListener(): void {
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  before(async () => {
    upstream = await startUpstream();
    listener = await openListener({
      world: realWorld,
      host: '127.0.0.1',
      port: 0,
      maxConnections: 100,
      handle: createInternalHandler({
        world: realWorld,
        targetOf: (namespace, name) =>
          createFunctionTarget({
            world: realWorld,
            host,
            transport,
            namespace,
            name,
            ownHeaders: [],
            pause: new AskedPause(realWorld),
            budget: new RetryBudget(),
            times: new CallTimes(realWorld),
          }),
        callers,
        causeKeyFor: keys.causeKeyFor,
        timeoutOf: (namespace, name) => (namespace === 'shop' && name === 'orders' ? 2000 : undefined),
        answered: entry => void answered.push(entry),
      }),
    });
  });
  after(async () => {
    await listener.close(0);
    await transport.destroy();
    await upstream.close();
  });
  beforeEach(() => {
    upstream.seen.splice(0);
    answered = [];
    leases = 0;
    tryAcquire = lease;
    acquire = never;
    found = async () => undefined;
  });
}

describe('the internal listener of functions', () => {
  useListener();

  for (const name of [
    'Tenfold_Namespace',
    'tenfold_namespace',
    'TENFOLD_DEPTH',
    'Tenfold-Namespace',
    'Content_Length',
  ]) {
    it(`${name} of a caller never reaches the function: servers that read _ as - would believe it`, async () => {
      const bytes = `GET /functions/orders/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nTenfold-Key: ${keys.keyFor('shop')}\r\n${name}: forged\r\n\r\n`;
      const { text, statuses } = await sendRaw(listener.address, bytes);
      assert.deepEqual(statuses, [200]);
      assert.doesNotMatch(text, /forged/);
    });
  }

  it('gives the function method, path, query and body as the caller sent them', async () => {
    const answer = await fetch(`${listener.address}/functions/orders/a%2Fb/c?x=1&x=`, {
      method: 'PUT',
      body: 'hello',
      headers,
    });
    assert.partialDeepStrictEqual((await answer.json()) as Echo, {
      method: 'PUT',
      url: '/a%2Fb/c?x=1&x=',
      body: 'hello',
    });
  });

  it('gives the key of causes of their own namespace to functions alone', async () => {
    const ask = (init?: RequestInit) => fetch(`${listener.address}/causes/key`, init);
    const answer = await ask({ headers });
    assert.equal(await answer.text(), keys.causeKeyFor('shop').toString('base64url'));
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const other = await ask({ headers: { 'tenfold-key': keys.keyFor('bank') } });
    assert.equal(await other.text(), keys.causeKeyFor('bank').toString('base64url'));
    assert.equal((await ask()).status, 401);
    assert.equal((await fetch(`${listener.address}/causes/other`, { headers })).status, 404);
  });

  it('never passes on whom a caller says that it calls for, nor what a function tells the platform', async () => {
    const forged = { 'tenfold-consumer': 'Subscription/shop/receipts', 'tenfold-event-key': 'k' };
    const answer = await fetch(`${listener.address}/functions/orders`, { headers: { ...headers, ...forged } });
    assert.doesNotMatch(await answer.text(), /receipts|tenfold-event-key/);
  });

  it('calls the root of the function when no path is given', async () => {
    const answer = await fetch(`${listener.address}/functions/orders`, { headers });
    assert.equal(((await answer.json()) as Echo).url, '/');
  });

  it('never shows the key to the function, and counts the depth', async () => {
    const answer = await fetch(`${listener.address}/functions/orders`, {
      headers: { ...headers, 'tenfold-depth': '3' },
    });
    const { rawHeaders } = (await answer.json()) as Echo;
    assert.ok(!rawHeaders.includes('tenfold-key'));
    assert.equal(rawHeaders[rawHeaders.indexOf('tenfold-depth') + 1], '4');
  });

  it('passes the attempt, and the shorter of the caller’s and the function’s time', async () => {
    const timeOf = async (field?: string) => {
      const answer = await fetch(`${listener.address}/functions/orders`, {
        headers: { ...headers, 'tenfold-attempt': '5', ...(field ? { 'tenfold-timeout-ms': field } : {}) },
      });
      const { rawHeaders } = (await answer.json()) as Echo;
      assert.equal(rawHeaders[rawHeaders.indexOf('tenfold-attempt') + 1], '5');
      return Number(rawHeaders[rawHeaders.indexOf('tenfold-timeout-ms') + 1]);
    };
    assert.ok((await timeOf('500')) <= 500);
    assert.ok((await timeOf('900000')) <= 2000);
    assert.ok((await timeOf()) <= 2000);
  });

  const refused: Record<string, [string, Record<string, string>, number]> = {
    'a call without a key': ['/functions/orders', {}, 401],
    'a call with a wrong key': ['/functions/orders', { 'tenfold-key': 'shop.abc' }, 401],
    'a function of another namespace': ['/functions/orders', { 'tenfold-key': keys.keyFor('bank') }, 404],
    'a function that does not exist': ['/functions/nothing', headers, 404],
    'a listener that does not exist': ['/nothing', headers, 404],
    'a cache without a store': ['/cache/orders', headers, 501],
    'a fan-out that does not exist': ['/fan-outs/orders', headers, 404],
    'a view that does not exist': ['/views/orders', headers, 404],
    'a topic that does not exist': ['/topics/orders.created', headers, 404],
    'a time limit that is no number': ['/functions/orders', { ...headers, 'tenfold-timeout-ms': 'soon' }, 400],
    'a call that has gone round in a circle': ['/functions/orders', { ...headers, 'tenfold-depth': '32' }, 508],
  };
  for (const [name, [path, sent, status]] of Object.entries(refused)) {
    it(`refuses ${name} with ${status}, and the function sees nothing`, async () => {
      const answer = await fetch(listener.address + path, { headers: sent });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.equal(upstream.seen.length, 0);
    });
  }
});

describe('the internal listener, for a caller whose token it has to check first', () => {
  useListener();

  const call = (init: RequestInit = {}) =>
    fetch(`${listener.address}/functions/orders`, { ...init, headers: { 'tenfold-key': 'token' } });

  it('waits for that, with the whole body', async () => {
    const checked = Promise.withResolvers<string>();
    found = () => {
      setImmediate(() => checked.resolve('shop'));
      return checked.promise;
    };
    const body = 'x'.repeat(300_000);
    assert.equal(((await (await call({ method: 'POST', body })).json()) as Echo).body, body);
  });

  it('refuses it as any other when the token belongs to nobody', async () => {
    found = async () => undefined;
    const answer = await call({ method: 'POST', body: 'x'.repeat(300_000) });
    assert.equal(answer.status, 401);
    assert.equal(upstream.seen.length, 0);
  });

  it('says that it may come again when tokens cannot be checked at the moment', async () => {
    found = async () => {
      throw new TenfoldError('auth-unavailable', 'The keys cannot be had.', { retryAfterSeconds: 1 });
    };
    const answer = await call();
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '1']);
  });

  it('calls nobody for one who has left meanwhile', async () => {
    const checked = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<void>();
    found = () => {
      asked.resolve();
      return checked.promise;
    };
    const leaving = new AbortController();
    const left = call({ signal: leaving.signal }).catch(() => 'left');
    await asked.promise;
    leaving.abort();
    assert.equal(await left, 'left');
    await eventually(() => answered.at(-1)?.status === 0, 'the listener knows that it is gone');
    checked.resolve('shop');
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(upstream.seen.length, 0);
    assert.equal(leases, 0);
  });
});

describe('the internal listener, and instances of the function', () => {
  useListener();

  it('gives a place back when the answer has ended', async () => {
    const answer = await fetch(`${listener.address}/functions/orders`, { headers });
    assert.equal(((await answer.json()) as Echo).url, '/');
    await eventually(() => leases === 0, 'the place is free again');
  });

  it('waits for a place no longer than the deadline', async () => {
    tryAcquire = () => undefined;
    const answer = await fetch(`${listener.address}/functions/orders`, {
      headers: { ...headers, 'tenfold-timeout-ms': '80' },
    });
    assert.equal(answer.status, 504);
    assert.equal(leases, 0);
  });

  it('gives back a place that comes after the deadline', async () => {
    tryAcquire = () => undefined;
    const late = Promise.withResolvers<Lease>();
    acquire = () => late.promise;
    const answer = await fetch(`${listener.address}/functions/orders`, {
      headers: { ...headers, 'tenfold-timeout-ms': '50' },
    });
    assert.equal(answer.status, 504);
    late.resolve(lease());
    await eventually(() => leases === 0, 'the place is free again');
  });

  it('answers what the host refuses with: its status and Retry-After', async () => {
    tryAcquire = () => {
      throw new TenfoldError('overloaded', 'Too many wait.', { retryAfterSeconds: 7 });
    };
    const answer = await fetch(`${listener.address}/functions/orders`, { headers });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '7');
  });
});

// Every answer of OpenFaaS' gateway to a change, odd ones included, and what the operator makes of
// it: ready is only what is told as it was asked for.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../../core/http/http-server.ts';
import { realWorld } from '../../../../core/world.ts';
import { openfaasNameOf } from '../../../../k8s/providers/openfaas/names.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../../k8s/providers/openfaas/provider.ts';
import { type Outcome, type ProviderContext, ProviderError } from '../../../../k8s/providers/provider.ts';
import { type FakeFaults, type FakeOpenFaas, settle, startFakeOpenFaas } from '../../../fakes/openfaas-gateway.ts';
import { functionOf, owner } from '../deployment/functions.ts';

const V1 = 'ghcr.io/acme/menu:1';
const V2 = 'ghcr.io/acme/menu:2';
const NAME = openfaasNameOf({ name: 'menu', namespace: 'default' });
const NOW = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

const at = (now: number): ProviderContext => ({
  owner,
  platformNamespace: 'tenfold-system',
  settingsVersion: undefined,
  pods: [],
  podLabels: {},
  listeners: { url: 'http://internal:8081', audience: 'a', keyFor: namespace => `key of ${namespace}` },
  now,
  signal: new AbortController().signal,
  objects: { live: () => [], apply: async () => assert.fail('it makes no objects') },
});

/** In one word, with what is said. */
const say = (outcome: Promise<Outcome>) =>
  outcome.then(
    made => {
      if ('observed' in made) return `${made.observed.state}: ${made.observed.message}`;
      assert.ok((made.lookAgainMs ?? 0) > 0, 'it is tried again by itself');
      return 'refused' in made ? `refused: ${made.refused}` : `unsupported: ${made.unsupported}`;
    },
    error => {
      assert.ok(error instanceof ProviderError, String(error.stack));
      return `unavailable: ${error.message}`;
    },
  );

describe('A change of a Function in OpenFaaS that is not made', () => {
  let gateway: FakeOpenFaas;
  let provider: OpenFaasProvider;
  const run = (image: string, later = 0) => say(provider.run(functionOf({ image }), at(NOW + later)));
  const puts = () => gateway.calls.filter(call => call.startsWith('PUT /system/functions')).length;

  beforeEach(async () => {
    gateway = await startFakeOpenFaas();
    const { url, username, password } = gateway;
    provider = createOpenFaasProvider({ url, credentials: { username, password }, timeoutMs: 2000 });
    await run(V1);
    settle(gateway);
    assert.match(await run(V1), /^ready/);
  });
  afterEach(async () => {
    await provider.close();
    await gateway.close();
  });

  const faults: readonly [name: string, cause: (faults: FakeFaults) => void, said: RegExp][] = [
    [
      'whose image is not public',
      ({ privateImages }) => privateImages.add(V2),
      /^refused: OpenFaaS did not make the change to .*menu:2: it answered 200 .*menu:1 runs as before.*faas-netes.*public images/,
    ],
    [
      'that the API server refuses, by a quota, a conflict or a webhook',
      one => {
        one.apiServer = 'exceeded quota';
      },
      /^refused: OpenFaaS did not make the change/,
    ],
    [
      'that another program changes again',
      one => {
        one.mirror = 'mirror.local/menu:2';
      },
      /^partly: OpenFaaS has taken the change, and does not tell of it yet/,
    ],
    [
      'while the provider of OpenFaaS starts anew',
      one => {
        one.providerAway = true;
      },
      /^unavailable: .*502/,
    ],
  ];
  for (const [name, cause, said] of faults) {
    it(`${name} is never called ready, and is once it is made`, async () => {
      cause(gateway.faults);
      assert.match(await run(V2), said);
      for (const later of [1, 2 * MINUTE, 30 * MINUTE, 31 * MINUTE, 300 * MINUTE])
        assert.match(await run(V2, later), /^(partly|refused|unavailable)/, `${later} ms later`);
      Object.assign(gateway.faults, { apiServer: undefined, mirror: undefined, providerAway: false });
      gateway.faults.privateImages.clear();
      await run(V2, 600 * MINUTE);
      settle(gateway);
      assert.match(await run(V2, 600 * MINUTE + 1), /^ready/);
    });
  }

  it('is asked for again ever more rarely', async () => {
    gateway.faults.apiServer = 'exceeded quota';
    for (let second = 0; second < 3600; second += 2) await run(V2, second * 1000);
    assert.ok(puts() > 5 && puts() < 25, `${puts()} times in an hour`);
    gateway.faults.apiServer = undefined;
    gateway.faults.mirror = 'mirror.local/menu:2';
    const before = puts();
    for (let second = 3600; second < 7200; second += 2) await run(V2, second * 1000);
    assert.ok(
      puts() - before > 1 && puts() - before < 10,
      `${puts() - before} times in an hour: each replaces the pods`,
    );
  });

  it('is asked for at once when it is another change', async () => {
    gateway.faults.privateImages.add(V2);
    await run(V2);
    assert.match(await run('ghcr.io/acme/menu:3', 1), /^ready/);
  });

  it('makes it anew when its Service is not there', async () => {
    gateway.faults.services = 'gone';
    assert.match(await run(V2), /^starting: OpenFaaS has lost a part of it/);
    gateway.faults.services = undefined;
    settle(gateway);
    assert.match(await run(V2, 1), /^starting/);
    settle(gateway);
    assert.match(await run(V2, 2), /^ready/);
  });

  it('does not take the edition for another one while the provider is away', async () => {
    gateway.faults.providerAway = true;
    assert.match(await run(V1, 11 * MINUTE), /^unavailable: .*does not reach its provider/);
    gateway.faults.providerAway = false;
    assert.match(await run(V2, 12 * MINUTE), /^ready/, 'the Community Edition refuses labels of the others');
  });
});

describe('A Function that OpenFaaS does not make', () => {
  const made: readonly [name: string, cause: (gateway: FakeOpenFaas) => void, said: RegExp][] = [
    [
      'as its image is not public',
      ({ faults }) => faults.privateImages.add(V1),
      /^unsupported: .*only allows public images/,
    ],
    [
      'as there are 15 already',
      ({ functions }) => {
        const other = { deployed: {}, replicas: 1, available: 1, deleted: false };
        for (let number = 0; number < 15; number++) functions.set(`f${number}`, other);
      },
      /^unsupported: .*maximum: 15/,
    ],
    [
      'as its Deployment cannot be made',
      ({ faults }) => {
        faults.apiServer = 'exceeded quota';
      },
      /^unavailable: .*exceeded quota/,
    ],
    [
      'in whole, as its Service cannot be made',
      ({ faults }) => {
        faults.services = 'exceeded quota';
      },
      /^unsupported: .*failed create Service: exceeded quota/,
    ],
  ];
  for (const [name, cause, said] of made) {
    it(`${name} is said to be so, and nothing of it is left`, async () => {
      const gateway = await startFakeOpenFaas();
      const { url, username, password } = gateway;
      const provider = createOpenFaasProvider({ url, credentials: { username, password } });
      try {
        cause(gateway);
        assert.match(await say(provider.run(functionOf({ image: V1 }), at(NOW))), said);
        settle(gateway);
        assert.equal(gateway.functions.has(NAME), false);
      } finally {
        await provider.close();
        await gateway.close();
      }
    });
  }
});

describe('An answer of OpenFaaS', () => {
  let server: Server;
  let provider: OpenFaasProvider;
  let script: (method: string, path: string) => readonly [status: number, body?: unknown] | undefined;
  let applied: Record<string, string> | undefined;

  beforeEach(async () => {
    applied = undefined;
    server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const path = request.url ?? '';
      if (path === '/system/functions' && request.method !== 'DELETE') applied = JSON.parse(text).annotations;
      const [status, body] = script(request.method ?? '', path) ?? standard(request.method ?? '', path);
      response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    });
    provider = createOpenFaasProvider({ url: await listen(server, '127.0.0.1', 0) });
  });
  afterEach(async () => {
    await provider.close();
    await closeServer(server, realWorld, 0);
  });

  const reported = (image: string, annotations: object) => ({
    image,
    annotations: { 'tenfold.dev/uid': owner.uid, ...annotations },
    replicas: 1,
    availableReplicas: 1,
  });
  const old = reported(V1, { 'tenfold.dev/applied': 'before' });
  /** One that runs the first version, and whose gateway takes everything and changes nothing. */
  const standard = (method: string, path: string): readonly [number, unknown?] => {
    if (path === '/system/info') return [200, { provider: { provider: 'faas-netes-ce' } }];
    return method === 'GET' ? [200, old] : [202];
  };

  const STATUSES = [200, 201, 204, 301, 307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504];
  const calls: readonly [name: string, method: string, path: RegExp, fine: readonly number[]][] = [
    ['which edition it is', 'GET', /info/, []],
    ['what there is', 'GET', /system\/function\//, []],
    ['a change', 'PUT', /system\/functions/, []],
    // A Secret that is not there is made.
    ['a Secret', 'PUT', /secrets/, [404]],
  ];
  for (const [name, method, path, fine] of calls) {
    for (const status of STATUSES) {
      it(`of ${status} to ${name} makes nothing ready`, async () => {
        const seen: string[] = [];
        script = (...call) => {
          if (call[0] === method && path.test(call[1])) return [status];
          seen.push(call.join(' '));
          return undefined;
        };
        const said = await say(provider.run(functionOf({ image: V2 }), at(NOW)));
        // With 404 to what there is it is made.
        assert.doesNotMatch(said, /^ready/);
        if (status >= 500 || [401, 403, 429].includes(status)) assert.match(said, /^unavailable/);
        const isWritten = seen.some(call => /^(PUT|POST) .*functions/.test(call));
        if (method === 'PUT' && path.test('/system/secrets')) assert.equal(isWritten, fine.includes(status), said);
      });
    }
  }

  it('of 202, and then of what was asked for, makes it ready', async () => {
    script = method => (method === 'GET' && applied ? [200, reported(V2, applied)] : undefined);
    script = (
      (inner: typeof script) => (method, path) =>
        path === '/system/info' ? undefined : inner(method, path)
    )(script);
    assert.match(await say(provider.run(functionOf({ image: V2 }), at(NOW))), /^ready/);
  });

  for (const [name, tells] of [
    ['another image', () => reported(V1, applied ?? {})],
    ['another version of all else', () => reported(V2, { ...applied, 'tenfold.dev/applied': 'another' })],
  ] as const) {
    it(`of 202, and then of ${name}, never makes it ready`, async () => {
      script = (method, path) => (method === 'GET' && path !== '/system/info' && applied ? [200, tells()] : undefined);
      for (const later of [0, 1000, MINUTE, 10 * MINUTE, 100 * MINUTE])
        assert.match(await say(provider.run(functionOf({ image: V2 }), at(NOW + later))), /^(partly|refused)/);
    });
  }

  for (const status of STATUSES) {
    it(`of ${status} to its removal ${status === 404 ? 'is as good as 202' : 'is tried again'}`, async () => {
      script = (method, path) => (method === 'DELETE' && /functions/.test(path) ? [status] : undefined);
      const removed = provider.remove({ name: 'menu', namespace: 'default' }, at(NOW));
      if (status === 404) await removed;
      else await assert.rejects(removed, ProviderError);
    });
  }
});

// Two namespaces at one platform: neither uses the other's Secrets by their names, nor gets at the
// other's Functions by urls that lead to the internal listener.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { listen } from '../../../core/http/http-server.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { freePorts } from '../../cluster/free-ports.ts';
import { eventually } from '../../eventually.ts';

const INTERNAL_SECRET = 'the secret of the internal listener';
const keys = createCallerKeys(INTERNAL_SECRET);

/**
 * What both have: a Function, an Api with keys, a Function that shows a credential, a Queue that
 * signs. All named alike, and each with a way to the internal listener.
 */
const appOf = (namespace: string, upstream: string, internal: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: till, namespace: ${namespace} }
spec: { url: "${upstream}/${namespace}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: back, namespace: ${namespace} }
spec: { url: "${internal}/functions/till" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: told, namespace: ${namespace} }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: back, namespace: ${namespace} }
spec: { topic: told, to: { url: "${internal}/functions/till" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: back, namespace: ${namespace} }
spec:
  parts: { one: { to: { url: "${internal}/functions/till" } } }
  response: { body: "\${one.body}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: guarded, namespace: ${namespace} }
spec:
  basePath: /${namespace}/guarded
  auth: { apiKey: { secret: partners } }
  routes:
    - match: { path: / }
      to: { url: "${upstream}/${namespace}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: open, namespace: ${namespace} }
spec:
  basePath: /${namespace}/open
  routes:
    - { match: { path: /function }, to: { function: back } }
    - { match: { path: /url }, to: { url: "${internal}/functions/till" } }
    - { match: { path: /aggregate }, to: { aggregate: back } }
    - { match: { method: POST, path: /events }, to: { topic: told } }
`;

/** Only where the namespace has the Secret itself. */
const billed = (namespace: string, upstream: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: bank, namespace: ${namespace} }
spec:
  url: "${upstream}/${namespace}"
  headers: [{ name: x-bank-token, valueFrom: { secretKeyRef: { name: bank, key: token } } }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: bank, namespace: ${namespace} }
spec:
  basePath: /${namespace}/bank
  routes: [{ match: { path: / }, to: { function: bank } }]
`;

const NAMESPACES = ['shop', 'spies'] as const;
const keyOf = (namespace: string) => `tfk_of-a-partner-of-${namespace}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('Names of another namespace', () => {
  let platform: Platform;
  let upstream: Server;
  let address: string;
  /** What came to the services of both. */
  let arrived: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  const ports = { public: 0, internal: 0, admin: 0 };

  const start = async (more: string) => {
    const [port = 0] = await freePorts(1);
    const internal = `http://127.0.0.1:${port}`;
    const secret = (namespace: string, name: string, entries: object) =>
      [`.tenfold/secrets/${namespace}/${name}.json`, JSON.stringify(entries)] as const;
    const directory = tempFolder({
      'app.yaml': [...NAMESPACES.map(one => appOf(one, address, internal)), more].join('---\n'),
      ...Object.fromEntries([
        ...NAMESPACES.map(one => secret(one, 'partners', { partner: sha256(keyOf(one)) })),
        secret('shop', 'bank', { token: 'token of the shop' }),
      ]),
    });
    return startPlatform({
      directory,
      watch: false,
      host: '127.0.0.1',
      ports: { ...ports, internal: port },
      internalSecret: INTERNAL_SECRET,
      events: {},
    });
  };

  before(async () => {
    upstream = createServer(({ url = '', headers }, response) => {
      arrived.push({ path: url, headers });
      response.end(`answer of ${url}`);
    });
    address = await listen(upstream, '127.0.0.1', 0);
    platform = await start(billed('shop', address));
    assert.deepEqual(platform.view.catalog.problems, []);
  });
  beforeEach(() => {
    arrived = [];
  });
  after(async () => {
    await platform?.close(0);
    upstream?.close();
    removeTempFolders();
  });

  const call = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const body = method === 'POST' ? '{}' : null;
    const answer = await fetch(platform.addresses.public + path, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  };

  it('are names of Secrets of one’s own: a key of one namespace opens no Api of the other', async () => {
    for (const [own, other] of [NAMESPACES, NAMESPACES.toReversed()]) {
      const taken = await call(`/${own}/guarded`, { 'x-api-key': keyOf(own ?? '') });
      assert.deepEqual([taken.status, taken.text.includes(`/${own}`)], [200, true], taken.text);
      assert.equal((await call(`/${own}/guarded`, { 'x-api-key': keyOf(other ?? '') })).status, 401);
    }
  });

  it('lend no credential of a Secret that is the other’s', async () => {
    assert.equal((await call('/shop/bank')).status, 200);
    assert.equal(arrived[0]?.headers['x-bank-token'], 'token of the shop');
    const spied = await start(billed('spies', address));
    try {
      const said = spied.view.catalog.problems.map(({ message }) => message).join(' ');
      assert.match(said, /There is no Secret bank with the key token/);
    } finally {
      await spied.close(0);
    }
  });

  const ways = ['function', 'url', 'aggregate'];
  /** What a client of one’s own route can add. */
  const tricks: Readonly<Record<string, Record<string, string>>> = {
    'nothing more': {},
    'the name of the other namespace': {
      'tenfold-namespace': 'shop',
      Tenfold_Namespace: 'shop',
      'x-tenfold-namespace': 'shop',
    },
    'a key of one’s own': { 'tenfold-key': keys.keyFor('spies') },
    'a key of one’s own and the other’s name': { 'tenfold-key': keys.keyFor('spies'), 'tenfold-namespace': 'shop' },
    'a key of one’s own as a token': { authorization: `Bearer ${keys.keyFor('spies')}` },
  };
  for (const way of ways) {
    for (const [trick, headers] of Object.entries(tricks)) {
      it(`lead to no Function of the other by the internal listener: ${way}, with ${trick}`, async () => {
        const { text } = await call(`/spies/open/${way}`, headers);
        assert.doesNotMatch(text, /answer of \/shop/);
        assert.deepEqual(
          arrived.filter(({ path }) => path.startsWith('/shop')),
          [],
        );
      });
    }
  }

  it('lead to no Function of the other by an event that is delivered there', async () => {
    const refused = async () =>
      (await platform.view.events.consumers()).some(
        ({ namespace, name, failures }) => namespace === 'spies' && name === 'back' && failures > 0,
      );
    assert.ok((await call('/spies/open/events', { 'content-type': 'application/json' }, 'POST')).status < 300);
    await eventually(refused, 'its delivery is refused');
    assert.deepEqual(arrived, []);
  });

  it('are looked up in the namespace of the key, at the internal listener itself', async () => {
    for (const namespace of NAMESPACES) {
      const headers = { 'tenfold-key': keys.keyFor(namespace), 'tenfold-namespace': 'shop' };
      const answer = await fetch(`${platform.addresses.internal}/functions/till`, { headers });
      assert.equal(await answer.text(), `answer of /${namespace}/`);
    }
    assert.equal(
      (await fetch(`${platform.addresses.internal}/functions/till`, { headers: { 'tenfold-namespace': 'shop' } }))
        .status,
      401,
    );
  });
});

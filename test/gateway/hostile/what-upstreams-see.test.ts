// Attacks of strangers through an Api and a Strangler to servers in Node, Go, Python and nginx:
// refused, or what each of them sees is what was decided on.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import { createCallerKeys } from '../../../gateway/listeners/caller-keys.ts';
import { createInternalHandler } from '../../../gateway/listeners/internal-listener.ts';
import { type ListenerServer, openListener } from '../../../gateway/listeners/listener-server.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createTransport } from '../../../gateway/transport/create-transport.ts';
import { createUrlTarget } from '../../../gateway/upstream/url-target.ts';
import { eventually } from '../../eventually.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';
import { programNames, type Server, startServer } from './upstreams/servers.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  hosts: [api]
  path: { caseSensitive: false, trailingSlash: ignore, escapedSlash: refuse }
  routes:
    - { match: { path: /admin }, to: { url: "${origin}" }, auth: { allow: "\${request.headers['x-role'] == 'admin'}" } }
    - { match: { path: /tenant }, to: { url: "${origin}" }, auth: { allow: "\${request.query.t == 'mine' && request.cookies.t == 'mine'}" } }
    - { match: { path: "/*" }, to: { url: "${origin}" } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec: { hosts: [old], legacy: { url: "${origin}" } }
`;

const keys = createCallerKeys('a secret');
const KEY = `Tenfold-Key: ${keys.keyFor('shop')}`;

/** The internal listener in front of a Function that is at the origin. */
async function openInternal(origin: string) {
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  const handle = createInternalHandler({
    world: realWorld,
    callers: keys,
    targetOf: namespace => createUrlTarget(transport, namespace, origin),
    timeoutOf: () => 5000,
    answered() {},
  });
  const listener: ListenerServer = await openListener({
    world: realWorld,
    host: '127.0.0.1',
    port: 0,
    maxConnections: 100,
    handle,
  });
  return {
    address: listener.address,
    async close() {
      await listener.close(0);
      await transport.destroy();
    },
  };
}

interface Row {
  readonly target?: string;
  readonly method?: string;
  /** Further fields; in place of \`Host: api\` where one names the Host. */
  readonly fields?: readonly string[];
  readonly body?: string;
  /** What arrives as its target; undefined: nothing does. */
  readonly arrives?: string;
  readonly status: number;
}

const many = (text: string) => text.repeat(1_500);
const spoofed = [
  ...[
    'X-Remote-User',
    'Remote-User',
    'X-Forwarded-User',
    'X-Auth-Request-Email',
    'X-WEBAUTH-USER',
    'Client-Cert',
    'Proxy',
  ],
  ...['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Envoy-External-Address', 'X-Consumer-Username', 'X-Original-URL'],
  ...[
    'X_Remote_User',
    'X_Forwarded-For',
    'Content_Length',
    'Transfer_Encoding',
    'Tenfold-Namespace',
    'Tenfold_Namespace',
  ],
];

const rows: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(
    spoofed.map(name => [
      `${name} of a stranger`,
      { target: '/x', fields: [`${name}: evil-1`, `${name.toUpperCase()}: evil-2`], arrives: '/x', status: 200 },
    ]),
  ),
  'two Hosts': { fields: ['Host: api', 'Host: old'], status: 400 },
  'a Host of a route in another case and with a port': {
    target: '/x',
    fields: ['Host: API:80'],
    arrives: '/x',
    status: 200,
  },
  'a target of another host': { target: 'http://old/x', status: 400 },
  'a coding before chunked': {
    method: 'POST',
    fields: ['Transfer-Encoding: gzip, chunked'],
    body: '0\r\n\r\n',
    status: 400,
  },
  'chunked after a comma': { method: 'POST', fields: ['Transfer-Encoding: , chunked'], body: '0\r\n\r\n', status: 400 },
  'identity and chunked': {
    method: 'POST',
    fields: ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'],
    body: '0\r\n\r\n',
    status: 400,
  },
  'a length and chunks': {
    method: 'POST',
    fields: ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    body: '0\r\n\r\n',
    status: 400,
  },
  'a dot segment': { target: '/x/../admin', status: 400 },
  'an escaped dot segment': { target: '/x/%2e%2e/admin', status: 400 },
  'an encoded NUL': { target: '/admin%00', status: 400 },
  'an empty segment': { target: '//admin', status: 400 },
  TRACE: { method: 'TRACE', target: '/x', fields: ['Cookie: secret'], status: 405 },
  'a guarded path': { target: '/admin', status: 403 },
  'a guarded path with escaped letters': { target: '/%61dm%69n', status: 403 },
  'a guarded path in another case': { target: '/AdMiN', status: 403 },
  'a guarded path with a slash': { target: '/admin/', status: 403 },
  'a guarded path with matrix parameters': { target: '/admin;x=1', status: 400 },
  'a guarded path with an escaped semicolon': { target: '/admin%3bx', status: 400 },
  'a guarded path with an escaped slash': { target: '/admin%2F', status: 400 },
  'a guarded path in another case for who may': {
    target: '/AdMiN/',
    fields: ['X-Role: admin'],
    arrives: '/AdMiN/',
    status: 200,
  },
  'matrix parameters to a legacy system': {
    target: '/cart;jsessionid=1',
    fields: ['Host: old'],
    arrives: '/cart;jsessionid=1',
    status: 200,
  },
  'another value of a parameter behind many': {
    target: `/tenant?t=mine&${many('a&')}t=victim`,
    fields: ['Cookie: t=mine'],
    status: 403,
  },
  'another value of a cookie behind many': {
    target: '/tenant?t=mine',
    fields: [`Cookie: t=mine; ${many('a=;')} t=victim`],
    status: 403,
  },
  'a second field of cookies': {
    target: '/tenant?t=mine',
    fields: ['Cookie: t=mine', 'Cookie: t=victim'],
    status: 403,
  },
  'one value of each': {
    target: '/tenant?t=mine&a=1',
    fields: ['Cookie: t=mine'],
    arrives: '/tenant?t=mine&a=1',
    status: 200,
  },
};

/**
 * Of a function that calls another one, with the key of its namespace; the paths
 * are what it asks of that.
 */
const internalRows: Readonly<Record<string, Row>> = {
  'a namespace of its own choice': { fields: [KEY, 'Tenfold-Namespace: evil'], arrives: '/x', status: 200 },
  'the same with underscores': {
    fields: [KEY, 'Tenfold_Namespace: evil', 'TENFOLD_NAMESPACE: evil'],
    arrives: '/x',
    status: 200,
  },
  'a length with underscores': {
    method: 'POST',
    fields: [KEY, 'Content-Length: 2', 'Content_Length: 99'],
    body: 'ok',
    arrives: '/x',
    status: 200,
  },
  'a key of nobody': { fields: ['Tenfold-Key: evil'], status: 401 },
  'two Hosts': { fields: [KEY, 'Host: a', 'Host: b'], status: 400 },
  'a coding before chunked': {
    method: 'POST',
    fields: [KEY, 'Transfer-Encoding: gzip, chunked'],
    body: '0\r\n\r\n',
    status: 400,
  },
  'a dot segment to another function': { target: '/functions/orders/../stock', fields: [KEY], status: 400 },
  'an encoded NUL': { target: '/functions/orders/x%00', fields: [KEY], status: 400 },
  TRACE: { method: 'TRACE', fields: [KEY], status: 405 },
  'matrix parameters': { target: '/functions/orders/x;v=1', fields: [KEY], arrives: '/x;v=1', status: 200 },
  'an escaped slash': { target: '/functions/orders/x%2fy', fields: [KEY], arrives: '/x%2Fy', status: 200 },
};

async function check(server: Server, address: string, last: string, row: Row): Promise<void> {
  const { target = '/x', method = 'GET', fields = [], body = '', arrives, status } = row;
  server.seen.splice(0);
  const host = fields.some(field => field.startsWith('Host:')) ? [] : ['Host: api'];
  const head = [`${method} ${target} HTTP/1.1`, ...host, ...fields].join('\r\n');
  const answer = await sendRaw(address, `${head}\r\n\r\n${body}`, 100);
  assert.equal(answer.statuses[0], status, answer.text.slice(0, 300));
  // It comes after whatever was let through.
  await sendRaw(address, `GET ${last}`);
  await eventually(() => server.seen.some(each => each.target === '/last'), 'the last request is told');
  const seen = server.seen.filter(each => each.target !== '/last');
  assert.deepEqual(
    seen.map(each => each.target),
    arrives === undefined ? [] : [arrives],
  );
  for (const each of seen) assert.doesNotMatch(JSON.stringify(each.fields), /evil|content_length/);
}

for (const program of programNames) {
  describe(`what ${program} sees of strangers`, () => {
    let server: Server;
    let listener: Awaited<ReturnType<typeof serveYaml>>;
    let internal: Awaited<ReturnType<typeof openInternal>>;
    before(async () => {
      server = await startServer(program);
      listener = await serveYaml(yaml(server.origin));
      internal = await openInternal(server.origin);
    });
    after(async () => {
      await listener.close();
      await internal.close();
      await server.close();
    });

    for (const [name, row] of Object.entries(rows)) {
      it(`${name}: ${shown(row)}`, () =>
        check(server, listener.address, '/last HTTP/1.1\r\nHost: old\r\nConnection: close\r\n\r\n', row));
    }

    for (const [name, row] of Object.entries(internalRows)) {
      it(`${name} at the internal listener: ${shown(row)}`, () => {
        const last = `/functions/orders/last HTTP/1.1\r\nHost: a\r\n${KEY}\r\nConnection: close\r\n\r\n`;
        return check(server, internal.address, last, { target: '/functions/orders/x', ...row });
      });
    }
  });
}

function shown({ status, arrives }: Row): string {
  return `${status}${arrives === undefined ? '' : ` and ${arrives.slice(0, 60)}`}`;
}

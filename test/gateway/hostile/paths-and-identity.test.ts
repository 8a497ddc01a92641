// Paths and header fields that mean one thing to the gateway and another to the
// upstream (FAULTS.md, 36 to 46).
import assert from 'node:assert/strict';
import { type Echo, startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - match: { path: /admin }
      to: { url: "${origin}/closed" }
      auth: { allow: "\${request.headers['x-user'] == 'admin'}" }
    - match: { path: /a/b }
      to: { url: "${origin}/closed" }
      auth: { allow: "\${false}" }
    - match: { path: /header }
      to: { url: "${origin}" }
      request: { headers: { set: { x-echo: '\${request.query.v}' } } }
    - match: { path: '/path/:id' }
      to: { url: "${origin}" }
      request: { path: '/orders/\${params.id}' }
    - match: { path: "/*" }
      to: { url: "${origin}" }
`;

/** Name → target, status, and what the upstream sees as its target. */
const paths: Record<string, [string, number, string?]> = {
  '36 an escaped letter is the letter: the rule of the route holds': ['/%61dmin', 403],
  '36 an escaped letter elsewhere is forwarded as it was matched': ['/%61dmins', 200, '/admins'],
  '37 an escaped slash is no slash, here and upstream': ['/a%2Fb', 200, '/a%2Fb'],
  '37 an escaped slash in lower case': ['/a%2fb', 200, '/a%2Fb'],
  '38 a path parameter, which some servers leave out': ['/a;x/b', 400],
  '38 a dot segment with a path parameter': ['/a/..;/admin', 400],
  '38 a dot segment with an escaped path parameter': ['/a/..%3b/admin', 400],
  '39 an empty segment': ['/x//admin', 400],
  '40 a dot segment': ['/x/../admin', 400],
  '40 an escaped dot segment': ['/x/%2e%2e/admin', 400],
  '40 a half escaped dot segment': ['/x/.%2E/admin', 400],
  '40 a dot segment behind an escaped slash': ['/x%2F..%2Fadmin', 400],
  '40 a path that is escaped twice stays so': ['/%2561dmin', 200, '/%2561dmin'],
  '41 an overlong slash': ['/x%c0%afadmin', 400],
  '41 an overlong dot segment': ['/x/%c0%ae%c0%ae/admin', 400],
  '41 half a surrogate': ['/x%ed%a0%80', 400],
  '41 letters beyond ASCII are forwarded in upper-case escapes': ['/caf%c3%a9', 200, '/caf%C3%A9'],
  '46 an escaped line end in the path': ['/path/a%0d%0aX-Injected:%20b', 400],
  '46 an escaped line feed in the path': ['/path/a%0aX-Injected:%20b', 400],
  '46 an escaped line end in the query stays escaped': ['/x?a=%0d%0aX-Injected:b', 200, '/x?a=%0d%0aX-Injected:b'],
  '46 a question mark cannot leave its segment': ['/path/a%3Fadmin=1', 200, '/orders/a%3Fadmin%3D1'],
  '46 a slash cannot leave its segment': ['/path/a%2Fb', 200, '/orders/a%2Fb'],
};

describe('paths and identities of strangers', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream();
    listener = await serveYaml(yaml(upstream.origin));
  });
  after(async () => {
    await listener.close();
    await upstream.close();
  });
  beforeEach(() => upstream.seen.splice(0));

  const ask = (target: string, fields = '') =>
    sendRaw(listener.address, `GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n${fields}\r\n`);
  const seenBy = async (fields: string) => {
    const { text, statuses } = await ask('/x', fields);
    assert.deepEqual(statuses, [200]);
    const { rawHeaders } = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Echo;
    return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1]]] : []));
  };

  for (const [name, [target, status, seen]] of Object.entries(paths)) {
    it(name, async () => {
      assert.deepEqual((await ask(target)).statuses, [status]);
      assert.deepEqual(
        upstream.seen.map(({ url }) => url),
        seen === undefined ? [] : [seen],
      );
    });
  }

  for (const name of ['authorization', 'Cookie', 'content-length', 'host', 'traceparent']) {
    it(`42 Connection cannot take ${name} away`, async () => {
      const answer = await ask('/x', `Authorization: Basic a\r\nCookie: a=b\r\nConnection: ${name}\r\n`);
      assert.deepEqual(answer.statuses, [400]);
      assert.equal(upstream.seen.length, 0);
    });
  }

  it('42 Connection cannot take away what the gateway says of the client', async () => {
    const fields = await seenBy('Connection: x-forwarded-for, x-forwarded-host, forwarded, tenfold-depth\r\n');
    const names = fields.map(([name]) => name);
    for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'])
      assert.ok(names.includes(name), name);
  });

  const forged = [
    'X-Forwarded-For',
    'X_Forwarded_For',
    'x-forwarded_for',
    'X_FORWARDED-HOST',
    'Forwarded',
    'X_Real_IP',
  ];
  for (const name of [...forged, 'X-Original-URL', 'X_Rewrite_URL', 'Tenfold-Depth', 'TENFOLD_KEY']) {
    it(`${name.includes('_') ? '43' : '45'} ${name} of a stranger never reaches the upstream`, async () => {
      const fields = await seenBy(`${name}: 6.6.6.6\r\n`);
      assert.doesNotMatch(JSON.stringify(fields), /6\.6\.6\.6/);
      assert.deepEqual(
        fields.filter(([field]) => field === 'x-forwarded-for'),
        [['x-forwarded-for', '127.0.0.1']],
      );
    });
  }

  it('44 two Authorization fields: refused', async () => {
    const answer = await ask('/x', 'Authorization: Basic a\r\nauthorization: Basic b\r\n');
    assert.deepEqual(answer.statuses, [400]);
    assert.equal(upstream.seen.length, 0);
  });

  it('46 a line end in a value that becomes a header: no field of its own, and the gateway lives', async () => {
    const { statuses } = await ask('/header?v=a%0d%0aX-Injected:b');
    for (const request of upstream.seen) assert.equal(request.headers['x-injected'], undefined);
    assert.deepEqual(statuses, [400]);
    assert.deepEqual((await ask('/x')).statuses, [200]);
  });
});

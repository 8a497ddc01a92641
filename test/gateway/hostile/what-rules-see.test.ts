// What a rule decides on is what the target gets: nothing can be said so often, or so late, that
// the rule does not see it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /query }, to: { url: "${origin}" }, auth: { allow: "\${request.query.tenant == 'mine'}" } }
    - { match: { path: /no-query }, to: { url: "${origin}" }, auth: { allow: "\${!('admin' in request.query)}" } }
    - { match: { path: /cookie }, to: { url: "${origin}" }, auth: { allow: "\${request.cookies.tenant == 'mine'}" } }
    - { match: { path: /no-cookie }, to: { url: "${origin}" }, auth: { allow: "\${!('admin' in request.cookies)}" } }
    - { match: { path: /header }, to: { url: "${origin}" }, auth: { allow: "\${request.headers['x-tenant'] == 'mine'}" } }
`;

const many = (text: string) => text.repeat(1_500);

/** What is asked, and the fields beside Host. */
const walks: Readonly<Record<string, readonly [target: string, ...fields: string[]]>> = {
  'a second value of a query parameter': ['/query?tenant=mine&tenant=victim'],
  'a value behind 1,500 others': [`/query?tenant=mine&${many('a&')}tenant=victim`],
  'a name behind 1,500 others': [`/no-query?${many('a&')}admin=1`],
  'a name that is escaped': ['/no-query?%61dmin=1'],
  'a second cookie of the same name': ['/cookie', 'Cookie: tenant=mine; tenant=victim'],
  'a cookie behind 1,500 others': ['/cookie', `Cookie: tenant=mine; ${many('a=;')} tenant=victim`],
  'a name of a cookie behind 1,500 others': ['/no-cookie', `Cookie: ${many('a=;')} admin=1`],
  'a second field of cookies': ['/no-cookie', 'Cookie: a=1', 'Cookie: admin=1'],
  'a second field of cookies with the same name': ['/cookie', 'Cookie: tenant=mine', 'Cookie: tenant=victim'],
  'a second field of a header': ['/header', 'X-Tenant: mine', 'X-Tenant: victim'],
};

describe('what a rule sees', () => {
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

  const ask = async (target: string, fields: readonly string[]) => {
    const head = [`GET ${target} HTTP/1.1`, 'Host: shop.example', 'Connection: close', ...fields];
    return (await sendRaw(listener.address, `${head.join('\r\n')}\r\n\r\n`)).text;
  };

  for (const [name, [target, ...fields]] of Object.entries(walks)) {
    it(`is ${name}`, async () => {
      const answer = await ask(target, fields);
      assert.match(answer, /^HTTP\/1\.1 403 /, answer.slice(0, 300));
    });
  }

  it('lets through who says what the rule asks for, once or twice', async () => {
    for (const [target, ...fields] of [
      ['/query?tenant=mine&a=1'],
      ['/cookie', 'Cookie: a=1; tenant=mine; tenant=mine'],
      ['/cookie', 'Cookie: a=1', 'Cookie: tenant=mine'],
      ['/header', 'X-Tenant: mine'],
    ] as const) {
      assert.match(await ask(target, fields), /^HTTP\/1\.1 200 /, target);
    }
  });

  it('is every value that reaches the target, whatever stands around it', async () => {
    const name = fc.constantFrom('tenant', 'Tenant', 'a', '%74enant');
    const value = fc.constantFrom('mine', 'victim', '');
    const pairs = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.boolean(), async (list, byCookie) => {
        const said = list.map(([key, each]) => `${key}=${each}`);
        const answer = byCookie
          ? await ask(
              '/cookie',
              said.map(each => `Cookie: ${each}`),
            )
          : await ask(`/query?${said.join('&')}`, []);
        if (!/^HTTP\/1\.1 200 /.test(answer)) return;
        const { url, rawHeaders } = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
        const cookies = rawHeaders.flatMap((each: string, index: number) =>
          index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === 'cookie' ? each.split(/; */) : [],
        );
        const seen: readonly (readonly string[])[] = byCookie
          ? cookies.map((each: string) => each.split('='))
          : [...new URL(url, 'http://x').searchParams];
        const tenants = seen.filter(([key]) => key === 'tenant').map(([, each]) => each);
        assert.ok(tenants.length > 0 && tenants.every(each => each === 'mine'), answer);
        assert.ok(byCookie || tenants.length === 1, answer);
      }),
      { numRuns: 200 },
    );
  });
});

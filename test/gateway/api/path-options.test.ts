// Spellings of a path that an Api or a Strangler takes for one: which route they take, and
// what the target gets of them.
import assert from 'node:assert/strict';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { serveYaml } from '../serve-yaml.ts';

const api = (name: string, spec: string) =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: Api\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const strangler = (name: string, spec: string) => api(name, spec).replace('kind: Api', 'kind: Strangler');
const lenient = '{ caseSensitive: false, trailingSlash: ignore, matrix: ignore }';

const yaml = (origin: string) =>
  [
    api(
      'strict',
      `{ hosts: [strict], routes: [
        { match: { path: /admin }, to: { url: "${origin}" }, auth: { allow: "\${false}" } },
        { match: { path: "/*" }, to: { url: "${origin}" } } ] }`,
    ),
    api(
      'lenient',
      `{ hosts: [lenient], basePath: /Shop, path: ${lenient}, routes: [
        { match: { path: /admin }, to: { url: "${origin}" }, auth: { allow: "\${false}" } },
        { match: { path: /docs }, to: { url: "${origin}/one" } },
        { match: { path: /docs/ }, to: { url: "${origin}/other" } },
        { match: { path: "/Users/:Id" }, to: { url: "${origin}" }, request: { path: "/people/\${params.Id}" } },
        { match: { path: "/caf%c3%89" }, to: { url: "${origin}" }, auth: { allow: "\${false}" } },
        { match: { path: "/*" }, to: { url: "${origin}" } } ] }`,
    ),
    api(
      'literal',
      `{ hosts: [literal], path: { matrix: literal, escapedSlash: refuse }, routes: [
        { match: { path: "/*" }, to: { url: "${origin}" } } ] }`,
    ),
    // Beside a lenient one on the same host, as a mixture of both.
    api(
      'beside',
      `{ hosts: [lenient], path: { matrix: literal }, routes: [ { match: { path: /Exact }, to: { url: "${origin}/exact" } } ] }`,
    ),
    strangler(
      'java',
      `{ hosts: [java], legacy: { url: "${origin}/legacy" }, features: [
        { name: orders, match: { path: /orders }, to: { url: "${origin}/new" }, phase: live } ] }`,
    ),
    strangler(
      'rails',
      `{ hosts: [rails], path: { trailingSlash: ignore, matrix: literal }, legacy: { url: "${origin}/legacy" }, features: [
        { name: orders, match: { path: /orders }, to: { url: "${origin}/new" }, phase: live } ] }`,
    ),
  ].join('---\n');

/** Host and path → status, and what the target sees. */
const rows: Readonly<Record<string, readonly [status: number, seen?: string]>> = {
  'strict /admin': [403],
  'strict /Admin': [200, '/Admin'],
  'strict /admin/': [200, '/admin/'],
  'strict /admin;x': [400],
  'strict /orders%3Bx': [400],
  'strict /orders/;x': [400],
  'strict /%61dmin': [403],
  'strict //admin': [400],
  'lenient /Shop/admin': [403],
  'lenient /Shop/Admin': [403],
  'lenient /shop/ADMIN/': [403],
  'lenient /SHOP/admin;x=1': [403],
  'lenient /Shop;v=1/admin;x/': [403],
  'lenient /Shop/%41dmin': [403],
  'lenient /Shop/admin%3bx': [403],
  'lenient /Shop/caf%C3%89': [403],
  'lenient /Shop/caf%c3%a9/': [403],
  'lenient /Shop/;x/admin': [400],
  'lenient /Shop/admins': [200, '/admins'],
  'lenient /sHOP;v=1/Orders;w=2/?q=1': [200, '/Orders;w=2/?q=1'],
  'lenient /shop?q=1': [200, '/?q=1'],
  'lenient /Shop/docs': [200, '/one/docs'],
  'lenient /Shop/docs/': [200, '/other/docs/'],
  'lenient /Shop/DOCS/': [200, '/other/DOCS/'],
  'lenient /shop/users/AbC;v=1/': [200, '/people/AbC'],
  'lenient /Exact': [200, '/exact/Exact'],
  'lenient /exact': [404],
  'lenient /Exact;x': [404],
  'literal /a;x/b': [200, '/a;x/b'],
  'literal /a%2Fb': [400],
  'java /orders': [200, '/new/orders'],
  'java /orders;jsessionid=1': [200, '/new/orders;jsessionid=1'],
  'java /cart;jsessionid=1': [200, '/legacy/cart;jsessionid=1'],
  'java /;jsessionid=1': [200, '/legacy/;jsessionid=1'],
  'java /Orders': [200, '/legacy/Orders'],
  'java /orders/': [200, '/legacy/orders/'],
  'rails /orders/': [200, '/new/orders/'],
  'rails /orders;x': [200, '/legacy/orders;x'],
};

describe('spellings of a path', () => {
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

  for (const [name, [status, seen]] of Object.entries(rows)) {
    it(`${name}: ${status}${seen === undefined ? '' : `, and the target gets ${seen}`}`, async () => {
      const [host, target] = name.split(' ');
      upstream.seen.splice(0);
      const bytes = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      assert.deepEqual((await sendRaw(listener.address, bytes)).statuses, [status]);
      assert.deepEqual(
        upstream.seen.map(({ url }) => url),
        seen === undefined ? [] : [seen],
      );
    });
  }
});

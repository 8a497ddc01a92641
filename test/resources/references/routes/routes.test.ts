// Routes that collide, and near misses that do not.
import assert from 'node:assert/strict';
import { check, type Declared } from '../check-text.ts';

const route = (match: string) => `{ match: ${match}, to: { url: "http://x" } }`;
const api = (name: string, routes: string[], more = ''): Declared => [
  'Api',
  name,
  `{ ${more} routes: [${routes.map(route).join(', ')}] }`,
];
const strangler = (name: string, features: string[], more = ''): Declared => [
  'Strangler',
  name,
  `{ ${more} legacy: { url: "http://l" }, features: [${features.map((match, index) => `{ name: f${index}, match: ${match}, to: { url: "http://x" } }`).join(', ')}] }`,
];

const collisions: readonly [name: string, declared: Declared[]][] = [
  ['same path', [api('a', ['{ path: /x }', '{ path: /x }'])]],
  ['same path in two Apis', [api('a', ['{ path: /x }']), api('b', ['{ path: /x }'])]],
  [
    'same path in two namespaces of which one lets in the other',
    [
      api('a', ['{ path: /x }'], 'allowRoutesFrom: [other],'),
      [...api('a', ['{ path: /x }']).slice(0, 3), 'other'] as unknown as Declared,
    ],
  ],
  ['parameters of other names', [api('a', ['{ path: "/x/:id" }', '{ path: "/x/:key" }'])]],
  [
    'base path and path together',
    [api('a', ['{ path: /y/z }'], 'basePath: /x,'), api('b', ['{ path: /z }'], 'basePath: /x/y,')],
  ],
  ['encoded and plain', [api('a', ['{ path: /%61 }', '{ path: /a }'])]],
  ['one method in common', [api('a', ['{ path: /x, method: [GET, POST] }', '{ path: /x, method: [POST, PUT] }'])]],
  ['one method and all', [api('a', ['{ path: /x, method: GET }', '{ path: /x }'])]],
  [
    'conditions on different headers',
    [api('a', ['{ path: /x, headers: { a: "1" } }', '{ path: /x, headers: { b: "1" } }'])],
  ],
  [
    'a prefix that the other value begins with',
    [api('a', ['{ path: /x, headers: { a: { prefix: v } } }', '{ path: /x, headers: { a: v1 } }'])],
  ],
  [
    'two patterns',
    [api('a', ['{ path: /x, headers: { a: { pattern: "1+" } } }', '{ path: /x, headers: { a: { pattern: "2+" } } }'])],
  ],
  [
    'one host in common',
    [api('a', ['{ path: /x, hosts: [a.com, b.com] }']), api('b', ['{ path: /x }'], 'hosts: [b.com, c.com],')],
  ],
  [
    'same version',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, by: header },'),
      api('b', ['{ path: /x }'], 'version: { name: v1, by: header },'),
    ],
  ],
  [
    'two defaults in a header',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, by: header, default: true },'),
      api('b', ['{ path: /x }'], 'version: { name: v2, by: header, default: true },'),
    ],
  ],
  [
    'two defaults in the path',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, default: true },'),
      api('b', ['{ path: /x }'], 'version: { name: v2, default: true },'),
    ],
  ],
  [
    'a default in the path and an Api without versions',
    [api('a', ['{ path: /x }'], 'version: { name: v1, default: true },'), api('b', ['{ path: /x }'])],
  ],
  [
    'version in the path',
    [api('a', ['{ path: /x }'], 'version: { name: v1, by: path },'), api('b', ['{ path: /v1/x }'])],
  ],
  ['feature of a Strangler and route of an Api', [strangler('s', ['{ path: /x }']), api('b', ['{ path: /x }'])]],
  ['two Stranglers for everything', [strangler('s', []), strangler('t', [])]],
];

const near: readonly [name: string, declared: Declared[]][] = [
  ['different paths', [api('a', ['{ path: /x }', '{ path: /y }'])]],
  ['literal, parameter and rest', [api('a', ['{ path: /x }', '{ path: "/:a" }', '{ path: "/*" }'])]],
  ['trailing slash', [api('a', ['{ path: /x }', '{ path: /x/ }'])]],
  ['letter case', [api('a', ['{ path: /x }', '{ path: /X }'])]],
  ['encoded slash', [api('a', ['{ path: /a%2Fb }', '{ path: /a/b }'])]],
  ['different methods', [api('a', ['{ path: /x, method: GET }', '{ path: /x, method: [POST, PUT] }'])]],
  [
    'different values of a header',
    [api('a', ['{ path: /x, headers: { a: "1" } }', '{ path: /x, headers: { a: "2" } }'])],
  ],
  [
    'different values of a query parameter',
    [api('a', ['{ path: /x, query: { a: "1" } }', '{ path: /x, query: { a: "2" } }'])],
  ],
  [
    'different values of a cookie',
    [api('a', ['{ path: /x, cookies: { a: "1" } }', '{ path: /x, cookies: { a: "2" } }'])],
  ],
  [
    'header there and not there',
    [api('a', ['{ path: /x, headers: { a: { present: true } } }', '{ path: /x, headers: { a: { present: false } } }'])],
  ],
  [
    'value and not there',
    [api('a', ['{ path: /x, headers: { a: "1" } }', '{ path: /x, headers: { a: { present: false } } }'])],
  ],
  [
    'prefix that the other value does not begin with',
    [api('a', ['{ path: /x, headers: { a: { prefix: v } } }', '{ path: /x, headers: { a: w1 } }'])],
  ],
  [
    'different prefixes',
    [api('a', ['{ path: /x, headers: { a: { prefix: v } } }', '{ path: /x, headers: { a: { prefix: w } } }'])],
  ],
  ['more conditions win', [api('a', ['{ path: /x, headers: { a: "1" } }', '{ path: /x }'])]],
  ['different consumers', [api('a', ['{ path: /x, consumers: [a] }', '{ path: /x, consumers: [b] }'])]],
  ['different hosts', [api('a', ['{ path: /x }'], 'hosts: [a.com],'), api('b', ['{ path: /x }'], 'hosts: [b.com],')]],
  ['named host and any host', [api('a', ['{ path: /x }'], 'hosts: [a.com],'), api('b', ['{ path: /x }'])]],
  [
    'different versions in a header',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, by: header },'),
      api('b', ['{ path: /x }'], 'version: { name: v2, by: header },'),
    ],
  ],
  [
    'a default and another version in a header',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, by: header, default: true },'),
      api('b', ['{ path: /x }'], 'version: { name: v2, by: header },'),
    ],
  ],
  [
    'different versions in the path',
    [
      api('a', ['{ path: /x }'], 'version: { name: v1, by: path },'),
      api('b', ['{ path: /x }'], 'version: { name: v2, by: path },'),
    ],
  ],
  ['different base paths', [api('a', ['{ path: /x }'], 'basePath: /a,'), api('b', ['{ path: /x }'], 'basePath: /b,')]],
  ['feature for everything of a Strangler', [strangler('s', ['{ path: "/*" }'])]],
  ['Strangler for everything and an Api beside it', [strangler('s', []), api('a', ['{ path: /x }'])]],
  ['Stranglers with different base paths', [strangler('s', [], 'basePath: /s,'), strangler('t', [], 'basePath: /t,')]],
];

describe('two routes that could match the same request', () => {
  for (const [name, declared] of collisions) {
    it(`collide, and both are named: ${name}`, () => {
      const problems = check(declared);
      assert.equal(problems.length, 2);
      const [one, other] = problems;
      assert.match(one?.message ?? '', /match the same requests .* with equal precedence/);
      assert.ok(one?.message.includes(`(app.yaml:${other?.line})`));
      assert.ok(other?.message.includes(`(app.yaml:${one?.line})`));
    });
  }
  for (const [name, declared] of near) it(`do not collide: ${name}`, () => assert.deepEqual(check(declared), []));

  it('are reported once, however many hosts they share', () => {
    assert.equal(check([api('a', ['{ path: /x }', '{ path: /x }'], 'hosts: [a.com, b.com, c.com],')]).length, 2);
  });
});

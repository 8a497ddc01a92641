// Members that are valid and change nothing: each is named in a warning, and those that
// do have an effect are not.
import assert from 'node:assert/strict';
import { check, type Declared, stock } from './check-text.ts';

const route = (rest: string) => `{ routes: [{ match: { path: /x }, ${rest} }] }`;
const one = 'to: { function: orders }';
const two = 'to: [{ function: orders, weight: 9 }, { url: "http://b", weight: 1 }]';
const KEY = 'key: "${event.subject}"';
const toTopic = 'to: { topic: created }';
const answer = (response: string) => `{ parts: { order: { to: { function: orders } } }, response: ${response} }`;

describe('a member without effect', () => {
  const byUrl: Readonly<Record<string, string>> = {
    concurrency: '5',
    maxBody: '1Ki',
    scale: '{ min: 1 }',
    visibility: 'cluster',
    env: '[{ name: A, value: b }]',
    resources: '{ limits: { memory: 128Mi } }',
    port: '9000',
    provider: 'knative',
    serviceAccount: 'a',
    imagePullSecrets: '[a]',
    canary: '{}',
    permissions: '{ read: [./x] }',
  };
  const rows: readonly [name: string, declared: Declared, path: string, message: RegExp][] = [
    ...Object.entries(byUrl).map(([member, value]): [string, Declared, string, RegExp] => [
      `${member} of a Function with a url`,
      ['Function', 'f', `{ url: "http://f", ${member}: ${value} }`],
      `spec.${member}`,
      /called where it is/,
    ]),
    [
      'sticky with one target',
      ['Api', 'a', route(`${one}, sticky: { by: ip }`)],
      'spec.routes[0].sticky',
      /one target only/,
    ],
    [
      'a cache on a route for POST',
      ['Api', 'a', `{ routes: [{ match: { path: /x, method: [POST] }, ${one}, cache: { ttl: 1s } }] }`],
      'spec.routes[0].cache',
      /GET and HEAD/,
    ],
    [
      'an event for a function',
      ['Api', 'a', route(`${one}, event: { type: t }`)],
      'spec.routes[0].event',
      /topic, a queue or a fan-out/,
    ],
    [
      'the header of a version in the path',
      ['Api', 'a', `{ version: { name: v1, by: path, header: x-version }, routes: [{ match: { path: /x }, ${one} }] }`],
      'spec.version.header',
      /told by path/,
    ],
    [
      'the status of an answer that a function makes',
      ['Aggregate', 'a', answer('{ function: orders, status: 201 }')],
      'spec.response.status',
      /makes the whole answer/,
    ],
    [
      'headers of an answer that a function makes',
      ['Aggregate', 'a', answer('{ function: orders, headers: { x-a: b } }')],
      'spec.response.headers',
      /makes the whole answer/,
    ],
    [
      'the key of what a function gets from a Pipeline',
      ['Pipeline', 'p', `{ from: { topic: created }, to: [{ function: orders, ${KEY} }] }`],
      'spec.to[0].key',
      /a topic or a queue only/,
    ],
    [
      'the key of what is archived in a branch',
      [
        'Pipeline',
        'p',
        `{ from: { topic: created }, steps: [{ branch: [{ to: [{ archive: {}, ${KEY} }] }] }], to: [{ function: orders }] }`,
      ],
      'spec.steps[0].branch[0].to[0].key',
      /a topic or a queue only/,
    ],
  ];
  for (const [name, declared, path, message] of rows) {
    it(`is named in a warning: ${name}`, () => {
      const problems = check([...stock, declared]);
      assert.deepEqual(
        problems.map(problem => [problem.severity, problem.path]),
        [['warning', path]],
      );
      assert.match(problems[0]?.message ?? '', message);
      assert.match(problems[0]?.message ?? '', new RegExp(`^"${path.split('.').at(-1)}" has no effect here: `));
    });
  }

  const fine: readonly [name: string, declared: Declared][] = [
    [
      'what a Function with a url does have',
      ['Function', 'f', '{ url: "http://f", timeout: 3s, limits: { rate: 5/s } }'],
    ],
    ['sticky with two targets', ['Api', 'a', route(`${two}, sticky: { by: ip }`)]],
    ['a cache on a route for all methods', ['Api', 'a', route(`${one}, cache: { ttl: 1s }`)]],
    [
      'a cache on a route for HEAD',
      ['Api', 'a', `{ routes: [{ match: { path: /x, method: HEAD }, ${one}, cache: { ttl: 1s } }] }`],
    ],
    ['an event for a topic', ['Api', 'a', route(`${toTopic}, event: { type: t }`)]],
    [
      'the header of a version in a header',
      [
        'Api',
        'a',
        `{ version: { name: v1, by: header, header: x-version }, routes: [{ match: { path: /x }, ${one} }] }`,
      ],
    ],
    ['the status of an answer by body', ['Aggregate', 'a', answer('{ body: { a: "${order.body}" }, status: 201 }')]],
  ];
  for (const [name, declared] of fine) {
    it(`is none: ${name}`, () => assert.deepEqual(check([...stock, declared]), []));
  }
});

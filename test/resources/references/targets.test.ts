// References between resources: what is unknown is named, with the nearest name that exists.
import assert from 'node:assert/strict';
import { check, type Declared, findings, stock } from './check-text.ts';

const mistakes: readonly [name: string, declared: Declared, path: string, message: RegExp][] = [
  [
    'function of a route',
    ['Api', 'a', '{ routes: [{ match: { path: /x }, to: { function: ordres } }] }'],
    'spec.routes[0].to.function',
    /no Function "ordres".*"orders"/,
  ],
  [
    'function in a weighted list',
    [
      'Api',
      'a',
      '{ routes: [{ match: { path: /x }, to: [{ function: orders, weight: 1 }, { function: order, weight: 1 }] }] }',
    ],
    'spec.routes[0].to[1].function',
    /"orders"/,
  ],
  [
    'queue of a route',
    ['Api', 'a', '{ routes: [{ match: { path: /x }, to: { queue: q } }] }'],
    'spec.routes[0].to.queue',
    /no Queue "q".*Declare it/,
  ],
  [
    'resolver of a GraphQL endpoint',
    ['Api', 'a', '{ graphql: { schema: ./a.graphql, resolvers: { Query.a: { to: { view: v } } } } }'],
    'spec.graphql.resolvers["Query.a"].to.view',
    /no View/,
  ],
  [
    'topic of a subscription',
    ['Subscription', 's', '{ topic: creatd, to: { function: orders } }'],
    'spec.topic',
    /no Topic "creatd".*"created"/,
  ],
  [
    'reply of a subscription',
    ['Subscription', 's', '{ topic: created, to: { function: orders }, reply: { topic: r } }'],
    'spec.reply.topic',
    /no Topic "r"/,
  ],
  [
    'dead letters of a subscription',
    ['Subscription', 's', '{ topic: created, to: { function: orders }, deadLetter: { topic: r } }'],
    'spec.deadLetter.topic',
    /no Topic "r"/,
  ],
  ['target of a queue', ['Queue', 'q', '{ to: { fanOut: f } }'], 'spec.to.fanOut', /no FanOut "f"/],
  [
    'part of an aggregate',
    ['Aggregate', 'g', '{ parts: { a: { to: { aggregate: h } } }, response: { body: 1 } }'],
    'spec.parts.a.to.aggregate',
    /no Aggregate "h"/,
  ],
  [
    'response of an aggregate',
    ['Aggregate', 'g', '{ parts: { a: { to: { url: "http://a" } } }, response: { function: inv } }'],
    'spec.response.function',
    /no Function "inv"/,
  ],
  [
    'feature of a strangler',
    [
      'Strangler',
      's',
      '{ legacy: { url: "http://l" }, features: [{ name: f, match: { path: /x }, to: { function: x9 } }] }',
    ],
    'spec.features[0].to.function',
    /no Function "x9"/,
  ],
  [
    'sync of a strangler',
    [
      'Strangler',
      's',
      '{ legacy: { url: "http://l" }, features: [{ name: f, match: { path: /x }, to: { function: orders }, sync: { topic: t9, to: { function: orders } } }] }',
    ],
    'spec.features[0].sync.topic',
    /no Topic "t9"/,
  ],
  [
    'source of a view',
    ['View', 'v', '{ from: [created, t9], table: { key: "${event.id}" } }'],
    'spec.from[1]',
    /no Topic "t9"/,
  ],
  [
    'projection of a view',
    ['View', 'v', '{ from: [created], project: { function: p9 }, table: { key: "${event.id}" } }'],
    'spec.project.function',
    /no Function "p9"/,
  ],
  [
    'source of a pipeline',
    ['Pipeline', 'p', '{ from: { topic: t9 }, to: [{ function: orders }] }'],
    'spec.from.topic',
    /no Topic "t9"/,
  ],
  [
    'step of a pipeline',
    ['Pipeline', 'p', '{ from: { topic: created }, steps: [{ map: { function: m9 } }], to: [{ function: orders }] }'],
    'spec.steps[0].map.function',
    /no Function "m9"/,
  ],
  [
    'branch of a pipeline',
    [
      'Pipeline',
      'p',
      '{ from: { topic: created }, steps: [{ branch: [{ to: [{ view: v9 }] }] }], to: [{ function: orders }] }',
    ],
    'spec.steps[0].branch[0].to[0].view',
    /no View "v9"/,
  ],
  [
    'join of a pipeline',
    [
      'Pipeline',
      'p',
      '{ from: { topic: created }, steps: [{ join: { view: v9, key: "${event.id}", as: x } }], to: [{ function: orders }] }',
    ],
    'spec.steps[0].join.view',
    /no View "v9"/,
  ],
  [
    'sink of a pipeline',
    ['Pipeline', 'p', '{ from: { topic: created }, to: [{ topic: t9 }] }'],
    'spec.to[0].topic',
    /no Topic "t9"/,
  ],
  [
    'source of a fan-out',
    ['FanOut', 'f', '{ "on": { topic: t9 }, split: "${event.data}", worker: { function: orders } }'],
    'spec.on.topic',
    /no Topic "t9"/,
  ],
  [
    'split of a fan-out',
    ['FanOut', 'f', '{ split: { function: s9 }, worker: { function: orders } }'],
    'spec.split.function',
    /no Function "s9"/,
  ],
  [
    'worker of a fan-out',
    ['FanOut', 'f', '{ split: "${event.data}", worker: { function: w9 } }'],
    'spec.worker.function',
    /no Function "w9"/,
  ],
  [
    'gathering of a fan-out',
    ['FanOut', 'f', '{ split: "${event.data}", worker: { function: orders }, gather: { function: g9 } }'],
    'spec.gather.function',
    /no Function "g9"/,
  ],
  [
    'end of a fan-out',
    ['FanOut', 'f', '{ split: "${event.data}", worker: { function: orders }, complete: { topic: t9 } }'],
    'spec.complete.topic',
    /no Topic "t9"/,
  ],
];

describe('a name of another resource', () => {
  for (const [name, declared, path, message] of mistakes) {
    it(`must exist: ${name}`, () => {
      const problems = check([...stock, declared], ['a.graphql']);
      assert.deepEqual(
        problems.map(one => one.path),
        [path],
      );
      assert.match(problems[0]?.message ?? '', message);
    });
  }

  it('may be declared later, and by all ten kinds', () => {
    assert.deepEqual(
      findings([
        [
          'Api',
          'a',
          '{ routes: [{ match: { path: /x }, to: { aggregate: g } }, { match: { path: /y }, to: { view: v } }] }',
        ],
        ['Aggregate', 'g', '{ parts: { a: { to: { function: orders } } }, response: { body: "${a.body}" } }'],
        ['View', 'v', '{ from: [created], table: { key: "${event.id}" } }'],
        ['Queue', 'q', '{ to: { fanOut: f } }'],
        ['FanOut', 'f', '{ split: "${event.data}", worker: { function: orders } }'],
        ['Pipeline', 'p', '{ from: { topic: created }, to: [{ queue: q }] }'],
        ['Subscription', 's', '{ topic: created, to: { queue: q } }'],
        ['Strangler', 'z', '{ basePath: /old, legacy: { url: "http://l" } }'],
        ...stock,
      ]),
      [],
    );
  });

  it('is looked for in its own namespace only', () => {
    const [problem] = check([
      ['Function', 'f', '{ url: "http://f" }', 'shop'],
      ['Queue', 'q', '{ to: { function: f } }'],
    ]);
    assert.match(problem?.message ?? '', /in the namespace "default"\. There is one in the namespace "shop"/);
  });

  it('is pointed at, with the valid names', () => {
    const [problem] = check([...stock, ['Queue', 'q', '{ to: { function: ordes } }']]);
    assert.deepEqual(
      [problem?.line, problem?.column, problem?.expected, problem?.suggestion],
      [14, 25, 'one of orders', 'orders'],
    );
  });
});

describe('a file that a resource names', () => {
  it('must exist: the source of a Function', () => {
    assert.deepEqual(findings([['Function', 'f', '{ source: ./order.ts }']], ['orders.ts', 'app.yaml']), [
      'spec.source | There is no file ./order.ts. Did you mean "./orders.ts"?',
    ]);
    assert.deepEqual(findings([['Function', 'f', '{ source: ./orders.ts }']], ['orders.ts']), []);
  });

  it('must exist: the schema of a GraphQL endpoint', () => {
    assert.deepEqual(findings([['Api', 'a', '{ graphql: { schema: ./x.graphql, resolvers: {} } }']], ['app.yaml']), [
      'spec.graphql.schema | There is no file ./x.graphql. Its path is relative to the file that declares it.',
    ]);
  });
});

// Expressions and schemas inside resources: compiled when they are loaded, with
// the place of what is wrong.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { check, type Declared, stock } from './check-text.ts';

const at = 'to: { function: orders }';

const mistakes: readonly [name: string, declared: Declared, path: string, message: RegExp][] = [
  ['key of a topic', ['Topic', 't', '{ key: "${evnt.id}" }'], 'spec.key', /no variable "evnt"/],
  ['key that gives a list', ['Topic', 't', '{ key: "${[1]}" }'], 'spec.key', /gives a list, but text/],
  [
    'two expressions where one is needed',
    ['Topic', 't', '{ key: "${event.id}-${event.type}" }'],
    'spec.key',
    /One expression inside/,
  ],
  [
    'filter that gives text',
    ['Subscription', 's', `{ topic: created, ${at}, filter: "\${event.type}" }`],
    'spec.filter',
    /gives text, but true or false/,
  ],
  [
    'time of delivery',
    ['Subscription', 's', `{ topic: created, ${at}, deliverAt: "\${1 == 1}" }`],
    'spec.deliverAt',
    /a timestamp is needed/,
  ],
  [
    'idempotency key',
    ['Subscription', 's', `{ topic: created, ${at}, idempotency: { key: "\${event.idd}" } }`],
    'spec.idempotency.key',
    /attribute "idd"/,
  ],
  [
    'rate limit by expression',
    ['Api', 'a', `{ rateLimit: { rate: 1/s, by: "\${request.heders}" }, routes: [{ match: { path: /x }, ${at} }] }`],
    'spec.rateLimit.by',
    /no member "heders"/,
  ],
  [
    'path sent to a target',
    ['Api', 'a', `{ routes: [{ match: { path: "/x/:id" }, ${at}, request: { path: "/y/\${param.id}" } }] }`],
    'spec.routes[0].request.path',
    /no variable "param"/,
  ],
  [
    'header sent to a target',
    [
      'Api',
      'a',
      `{ routes: [{ match: { path: /x }, ${at}, request: { headers: { set: { x-a: "\${claim.sub}" } } } }] }`,
    ],
    'spec.routes[0].request.headers.set["x-a"]',
    /no variable "claim"/,
  ],
  [
    'path of a part',
    ['Aggregate', 'g', `{ parts: { a: { ${at}, path: "/\${b.body}" } }, response: { body: 1 } }`],
    'spec.parts.a.path',
    /no variable "b"/,
  ],
  [
    'body of an answer, deep inside',
    ['Aggregate', 'g', `{ parts: { a: { ${at} } }, response: { body: { x: [{ "y": "\${a.bdy}" }] } } }`],
    'spec.response.body.x[0].y',
    /no member "bdy"/,
  ],
  [
    'row of a view',
    ['View', 'v', '{ from: [created], table: { key: "${event.id}", value: { a: "${event.dta}" } } }'],
    'spec.table.value.a',
    /attribute "dta"/,
  ],
  [
    'row of a view, of what it holds',
    ['View', 'v', '{ from: [created], table: { key: "${event.id}", value: { a: "${rwo.a}" } } }'],
    'spec.table.value.a',
    /no variable "rwo"/,
  ],
  [
    'key of a row, which is sought before what it holds is known',
    ['View', 'v', '{ from: [created], table: { key: "${row.a}" } }'],
    'spec.table.key',
    /no variable "row"/,
  ],
  [
    'value of an aggregate',
    ['View', 'v', '{ from: [created], aggregate: { by: "${event.id}", values: { total: sum(event.dta.total) } } }'],
    'spec.aggregate.values.total',
    /attribute "dta"/,
  ],
  [
    'top of too many values',
    ['View', 'v', '{ from: [created], aggregate: { by: "${event.id}", values: { t: "top(event.id, 101)" } } }'],
    'spec.aggregate.values.t',
    /A top has 1 to 100 values/,
  ],
  [
    'percentile above all, of a window',
    [
      'Pipeline',
      'p',
      '{ from: { topic: created }, steps: [{ window: { tumbling: 1s, aggregate: { p: "percentile(event.data.ms, 101)" } } }], to: [{ function: orders }] }',
    ],
    'spec.steps[0].window.aggregate.p',
    /A percentile is from 0 to 100/,
  ],
  [
    'condition on an aggregate, of a value that it does not have',
    [
      'View',
      'v',
      '{ from: [created], aggregate: { by: "${event.id}", values: { orders: count() }, having: "${row.ordrs > 1}" } }',
    ],
    'spec.aggregate.having',
    /no member "ordrs"/,
  ],
  [
    'condition on an aggregate, which knows no event',
    [
      'View',
      'v',
      '{ from: [created], aggregate: { by: "${event.id}", values: { orders: count() }, having: "${event.id != \'\'}" } }',
    ],
    'spec.aggregate.having',
    /no variable "event"/,
  ],
  [
    'score of a ranking',
    ['View', 'v', '{ from: [created], ranking: { member: "${event.id}", score: "${event.type}" } }'],
    'spec.ranking.score',
    /gives text, but a number/,
  ],
  [
    'filter of a pipeline',
    ['Pipeline', 'p', '{ from: { topic: created }, steps: [{ filter: "${1}" }], to: [{ function: orders }] }'],
    'spec.steps[0].filter',
    /gives a whole number/,
  ],
  [
    'aggregate of a window',
    [
      'Pipeline',
      'p',
      '{ from: { topic: created }, steps: [{ window: { tumbling: 1s, aggregate: { "n": "sum(event.type)" } } }], to: [{ function: orders }] }',
    ],
    'spec.steps[0].window.aggregate.n',
    /gives text, but a number/,
  ],
  [
    'aggregate with a number',
    [
      'Pipeline',
      'p',
      '{ from: { topic: created }, steps: [{ window: { tumbling: 1s, aggregate: { "n": "top(evnt.data.x, 10)" } } }], to: [{ function: orders }] }',
    ],
    'spec.steps[0].window.aggregate.n',
    /no variable "evnt"/,
  ],
  [
    'items of a fan-out',
    ['FanOut', 'f', '{ split: "${event.id}", worker: { function: orders } }'],
    'spec.split',
    /gives text, but a list/,
  ],
  [
    'pattern that backtracks elsewhere but compiles here',
    ['Topic', 't', "{ key: \"${event.id.matches('(') ? 'a' : 'b'}\" }"],
    'spec.key',
    /does not compile/,
  ],
];

describe('an expression in a resource', () => {
  for (const [name, declared, path, message] of mistakes) {
    it(`is checked: ${name}`, () => {
      const problems = check([...stock, declared]).filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        problems.map(one => one.path),
        [path],
      );
      assert.match(problems[0]?.message ?? '', message);
    });
  }

  it('is accepted in every place of it', () => {
    const declared: Declared[] = [
      ['Topic', 't', '{ key: "${has(event.partitionkey) ? event.partitionkey : event.data.id}" }'],
      [
        'Subscription',
        's',
        `{ topic: t, ${at}, filter: "\${event.type == 'A' && event.data.total > 10}", deliverAt: "\${event.data.at}" }`,
      ],
      [
        'Api',
        'a',
        `{ auth: { jwt: { issuer: "https://issuer.example", audience: a } }, rateLimit: { rate: 1/s, by: ip }, routes: [{ match: { path: "/x/:id" }, ${at}, request: { path: "/y/\${params.id}", headers: { set: { x-a: "\${claims.sub}" } } } }] }`,
      ],
      [
        'Aggregate',
        'g',
        `{ parts: { a: { ${at}, path: "/\${params.id}" }, b: { ${at}, path: "/\${a.body.id}", when: "\${a.status == 200}" } }, response: { body: { "c": "\${b.body.x}", d: 1 } } }`,
      ],
      [
        'Pipeline',
        'p',
        '{ from: { topic: t }, steps: [{ window: { tumbling: 1s, by: "${event.data.page}", aggregate: { "n": count(), m: "sum(event.data.x * 2)", o: "percentile(event.data.ms, 99)" } } }], to: [{ function: orders }] }',
      ],
      ['FanOut', 'f', '{ split: "${event.data.items}", worker: { function: orders } }'],
    ];
    assert.deepEqual(check([...stock, ...declared]), []);
  });

  const places: readonly [name: string, key: string, line: number, column: number][] = [
    ['plain', '  key: ${event.id + evnt.id}', 5, 21],
    ['in double quotes', '  key: "${event.id + evnt.id}"', 5, 22],
    ['in single quotes', "  key: '${event.id + evnt.id}'", 5, 22],
    ['over several lines, where it begins', '  key: >-\n    ${event.id\n    + evnt.id}', 5, 8],
  ];
  for (const [name, key, line, column] of places) {
    it(`is pointed at inside the text: ${name}`, () => {
      const text = `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: t }\nspec:\n${key}\n`;
      const { resources, problems } = loadText('a.yaml', text);
      assert.deepEqual(problems, []);
      const [problem] = checkReferences(createResourceSet(resources));
      assert.deepEqual([problem?.line, problem?.column], [line, column]);
    });
  }
});

describe('a JSON Schema or pattern in a resource', () => {
  const mistakes: readonly [name: string, declared: Declared, path: string, message: RegExp][] = [
    [
      'unknown keyword',
      ['Topic', 't', '{ schema: { properties: { a: { minimun: 1 } } } }'],
      'spec.schema.properties.a.minimun',
      /no keyword "minimun".*"minimum"/,
    ],
    [
      'misspelt mark of a sensitive field',
      ['Topic', 't', '{ schema: { properties: { a: { x-sensitiv: true } } } }'],
      'spec.schema.properties.a["x-sensitiv"]',
      /no keyword "x-sensitiv".*"x-sensitive"/,
    ],
    [
      'mark of a sensitive field beside it',
      ['Queue', 'q', '{ to: { url: "http://x" }, schema: { properties: { a: {}, x-sensitive: true } } }'],
      'spec.schema.properties["x-sensitive"]',
      /belongs inside the schema of the property/,
    ],
    [
      'mark of a sensitive field where there are no events',
      [
        'Api',
        'a',
        `{ routes: [{ match: { path: /x }, request: { schema: { x-sensitive: true } }, to: { url: "http://x" } }] }`,
      ],
      'spec.routes[0].request.schema',
      /of a Topic or a Queue alone/,
    ],
    [
      'pattern that RE2 does not know',
      ['Queue', 'q', '{ to: { url: "http://x" }, schema: { pattern: "(?<=a)b" } }'],
      'spec.schema',
      /not valid RE2/,
    ],
    [
      'pattern of a header',
      ['Api', 'a', '{ routes: [{ match: { path: /x, headers: { a: { pattern: "(" } } }, to: { url: "http://x" } }] }'],
      'spec.routes[0].match.headers.a.pattern',
      /RE2/,
    ],
    [
      'pattern of a cookie',
      [
        'Strangler',
        's',
        '{ legacy: { url: "http://l" }, features: [{ name: f, match: { path: /x, cookies: { a: { pattern: "(" } } }, to: { url: "http://x" } }] }',
      ],
      'spec.features[0].match.cookies.a.pattern',
      /RE2/,
    ],
  ];
  for (const [name, declared, path, message] of mistakes) {
    it(`is checked: ${name}`, () => {
      const problems = check([declared]);
      assert.deepEqual(
        problems.map(one => one.path),
        [path],
      );
      assert.match(problems[0]?.message ?? '', message);
    });
  }
});

// What resources/references/cycles.ts promises.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCycles } from '../../../resources/references/cycles.ts';
import { check, type Declared, findings, stock } from './check-text.ts';

const aggregate = (name: string, parts: string): Declared => [
  'Aggregate',
  name,
  `{ parts: ${parts}, response: { body: 1 } }`,
];

describe('parts of an aggregate', () => {
  const to = 'to: { function: orders }';
  const rows: readonly [name: string, parts: string, found: string[]][] = [
    [
      'may wait for each other in a line',
      `{ a: { ${to} }, b: { ${to}, path: "/\${a.body.id}" }, c: { ${to}, path: "/\${b.body.id}/\${a.status}" } }`,
      [],
    ],
    [
      'must not wait in a circle',
      `{ a: { ${to}, path: "/\${b.body.x}" }, b: { ${to}, path: "/\${a.body.x}" } }`,
      ['spec.parts.a | These parts wait for each other: "a" → "b" → "a". Take one of the expressions out.'],
    ],
    [
      'must not wait for themselves',
      `{ a: { ${to}, path: "/\${a.body.x}" } }`,
      ['spec.parts.a | The part "a" needs its own answer.'],
    ],
    [
      'wait because of a header',
      `{ a: { ${to}, headers: { x: "\${b.status}" } }, b: { ${to}, path: "/\${a.body.x}" } }`,
      ['spec.parts.a | These parts wait for each other: "a" → "b" → "a". Take one of the expressions out.'],
    ],
    [
      'wait because of a body',
      `{ a: { ${to}, body: { x: ["\${a.body}"] } } }`,
      ['spec.parts.a | The part "a" needs its own answer.'],
    ],
    [
      'wait because of a condition',
      `{ a: { ${to}, when: "\${a.status == 200}" } }`,
      ['spec.parts.a | The part "a" needs its own answer.'],
    ],
    [
      'do not wait because of a loop variable of the same name',
      `{ a: { ${to}, body: "\${request.body.map(a, a.x)}" } }`,
      [],
    ],
  ];
  for (const [name, parts, found] of rows)
    it(name, () => assert.deepEqual(findings([...stock, aggregate('g', parts)]), found));

  it('cannot be called what the request is called', () => {
    const [problem] = check([...stock, aggregate('g', `{ request: { ${to} } }`)]);
    assert.match(problem?.message ?? '', /cannot be called "request"/);
    assert.equal(problem?.path, 'spec.parts.request');
  });

  it('cannot be called what CEL knows already', () => {
    assert.match(findings([...stock, aggregate('g', `{ string: { ${to} } }`)])[0] ?? '', /cannot be called "string"/);
  });
});

describe('aggregates', () => {
  const calls = (name: string, other: string) => aggregate(name, `{ p: { to: { aggregate: ${other} } } }`);

  it('may call each other in a line', () => {
    assert.deepEqual(findings([...stock, calls('a', 'b'), aggregate('b', '{ p: { to: { function: orders } } }')]), []);
  });

  it('must not call each other in a circle', () => {
    assert.deepEqual(findings([calls('a', 'b'), calls('b', 'c'), calls('c', 'a')]), [
      'spec.parts.p.to | These Aggregates call each other without end: "a" → "b" → "c" → "a".',
    ]);
  });
});

describe('topics', () => {
  const topics: Declared[] = ['a', 'b', 'c'].map(name => ['Topic', name, '{}']);
  const subscription = (from: string, to: string): Declared => [
    'Subscription',
    `${from}-${to}`,
    `{ topic: ${from}, to: { topic: ${to} } }`,
  ];
  const rows: readonly [name: string, declared: Declared[], found: [path: string, message: RegExp][]][] = [
    ['may be fed by others', [subscription('a', 'b'), subscription('b', 'c'), subscription('a', 'c')], []],
    [
      'that a subscription feeds with themselves are a warning',
      [subscription('a', 'a')],
      [['spec.to.topic', /Topic "a" are published to it again/]],
    ],
    [
      'that replies lead back to are a warning',
      [['Subscription', 's', '{ topic: a, to: { url: "http://x" }, reply: { topic: a } }']],
      [['spec.reply.topic', /"a"/]],
    ],
    [
      'that dead letters lead back to are a warning',
      [['Subscription', 's', '{ topic: a, to: { url: "http://x" }, deadLetter: { topic: a } }']],
      [['spec.deadLetter.topic', /"a"/]],
    ],
    [
      'that a pipeline feeds with themselves are a warning',
      [['Pipeline', 'p', '{ from: { topic: a }, to: [{ url: "http://x" }, { topic: a }] }']],
      [['spec.to[1].topic', /"a"/]],
    ],
    [
      'that a branch leads back to are a warning',
      [
        [
          'Pipeline',
          'p',
          '{ from: { topic: a }, steps: [{ branch: [{ to: [{ topic: a }] }] }], to: [{ url: "http://x" }] }',
        ],
      ],
      [['spec.steps[0].branch[0].to[0].topic', /"a"/]],
    ],
    [
      'that a fan-out feeds with themselves are a warning',
      [
        [
          'FanOut',
          'f',
          '{ "on": { topic: a }, split: "${event.data}", worker: { url: "http://x" }, complete: { topic: a } }',
        ],
      ],
      [['spec.complete.topic', /"a"/]],
    ],
    [
      'in a larger circle are a warning',
      [subscription('a', 'b'), subscription('b', 'c'), subscription('c', 'a')],
      [['spec.to.topic', /"a" → "b" → "c" → "a"/]],
    ],
  ];
  for (const [name, declared, found] of rows) {
    it(name, () => {
      const problems = check([...topics, ...declared]);
      assert.deepEqual(
        problems.map(({ severity, path }) => [severity, path]),
        found.map(([path]) => ['warning', path]),
      );
      for (const [index, [, message]] of found.entries()) assert.match(problems[index]?.message ?? '', message);
    });
  }
});

describe('finding circles', () => {
  const graph = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 });

  it('finds one exactly when some node leads back to itself, and only real ones', () => {
    fc.assert(
      fc.property(graph, edges => {
        const next = (node: number) => edges.filter(([from]) => from === node).map(([, to]) => to);
        const nodes = Array.from({ length: 10 }, (_, index) => index);
        const cycles = findCycles(nodes, next);
        for (const cycle of cycles) {
          for (const [index, node] of cycle.entries())
            assert.ok(next(node).includes(cycle[(index + 1) % cycle.length] ?? -1));
        }
        const reaches = (from: number) => {
          const seen = new Set<number>();
          const open = next(from);
          for (let node = open.pop(); node !== undefined; node = open.pop()) {
            if (seen.has(node)) continue;
            seen.add(node);
            open.push(...next(node));
          }
          return seen;
        };
        assert.equal(
          cycles.length > 0,
          nodes.some(node => reaches(node).has(node)),
        );
      }),
    );
  });

  it('follows chains longer than the call stack', () => {
    const length = 200_000;
    const cycles = findCycles([0], node => [(node + 1) % length]);
    assert.equal(cycles[0]?.length, length);
  });
});

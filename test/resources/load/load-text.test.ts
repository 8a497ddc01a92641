// What resources/load/load-text.ts promises.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { computingMs } from '../../computing-ms.ts';

const HEAD = 'apiVersion: tenfold.dev/v1alpha1\n';

/** What is wrong, one line for each problem: `line:column path | message | suggestion`. */
function problemsOf(text: string): string[] {
  return loadText('app.yaml', text).problems.map(
    ({ line, column, path, message, suggestion }) =>
      `${line}:${column} ${path} | ${message}${suggestion === undefined ? '' : ` | ${suggestion}`}`,
  );
}

describe('loading the text of a file', () => {
  it('gives resources with parsed specs, defaults and their origin', () => {
    const { resources, problems } = loadText(
      'app.yaml',
      `# first\n${HEAD}kind: Topic\nmetadata: { name: orders, labels: { team: a } }\nspec: { retention: 1h, maxSize: 2Ki }\n---\n${HEAD}kind: Function\nmetadata: { name: f, namespace: shop }\nspec: { source: ./f.ts }\n`,
    );
    assert.deepEqual(problems, []);
    const [topic, fn] = resources;
    assert.equal(topic?.kind, 'Topic');
    assert.deepEqual(topic?.metadata, { name: 'orders', namespace: 'default', labels: { team: 'a' }, annotations: {} });
    assert.deepEqual(
      topic?.kind === 'Topic' && [topic.spec.retention, topic.spec.maxSize, topic.spec.partitions],
      [3_600_000, 2048, 6],
    );
    assert.deepEqual(topic?.origin, { file: 'app.yaml', line: 2, column: 1 });
    assert.deepEqual(topic?.manifest, {
      apiVersion: 'tenfold.dev/v1alpha1',
      kind: 'Topic',
      metadata: { name: 'orders', labels: { team: 'a' } },
      spec: { retention: '1h', maxSize: '2Ki' },
    });
    assert.equal(fn?.metadata.namespace, 'shop');
    assert.equal(fn?.origin.line, 7);
  });

  it('reads JSON', () => {
    const { resources, problems } = loadText(
      'app.json',
      '{\n\t"apiVersion": "tenfold.dev/v1alpha1",\n\t"kind": "Topic",\n\t"metadata": { "name": "orders" },\n\t"spec": {}\n}\n',
    );
    assert.deepEqual([resources.length, problems.length], [1, 0]);
  });

  it('reads the objects of a List, as kubectl prints them, and knows where each stands', () => {
    const topic = (name: string, spec: string) =>
      `- apiVersion: tenfold.dev/v1alpha1\n  kind: Topic\n  metadata: { name: ${name}, uid: u1, generation: 2 }\n  spec: ${spec}\n  status: { conditions: [] }\n`;
    const other = '- apiVersion: v1\n  kind: ConfigMap\n  metadata: { name: c }\n';
    const list = (...items: string[]) => `apiVersion: v1\nitems:\n${items.join('')}kind: List\nmetadata: {}\n`;
    const { resources, problems } = loadText('list.yaml', list(topic('orders', '{}'), topic('mails', '{}')));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      resources.map(({ metadata, origin }) => [metadata.name, origin.line]),
      [
        ['orders', 3],
        ['mails', 8],
      ],
    );
    assert.deepEqual(problemsOf(list(topic('orders', '{ partitons: 3 }'), other)), [
      '6:11 spec.partitons | There is no field "partitons" here. Did you mean "partitions"? | partitions',
      '8:3  | This document is not a resource of Tenfold and is ignored.',
    ]);
    assert.deepEqual(loadText('list.yaml', list(other)), { resources: [], problems: [], broken: [], drafts: [] });
    assert.deepEqual(problemsOf(`${HEAD}kind: List\nitems: []\n`).length, 1);
  });

  it('locates values, keys and characters inside texts', () => {
    const text = `${HEAD}kind: Topic\nmetadata:\n  name: orders\nspec:\n  key: "\${event.data.id}"\n  schema:\n    type: object\n`;
    const [topic] = loadText('app.yaml', text).resources;
    const at = (...place: Parameters<NonNullable<typeof topic>['locate']>) => {
      const { line, column } = topic!.locate(...place);
      return [line, column];
    };
    assert.deepEqual(at(['spec', 'key']), [6, 8]);
    assert.deepEqual(at(['spec', 'key'], 'key'), [6, 3]);
    assert.deepEqual(at(['spec', 'key'], 'value', 2), [6, 11]);
    assert.deepEqual(at(['spec', 'schema', 'type']), [8, 11]);
    assert.deepEqual(at(['spec', 'nowhere', 'at', 'all']), [6, 3]);
  });
});

describe('a mistake in a resource', () => {
  const topic = (spec: string) => `${HEAD}kind: Topic\nmetadata: { name: t }\nspec:\n${spec}`;
  const api = (route: string) => `${HEAD}kind: Api\nmetadata: { name: a }\nspec:\n  routes:\n    - ${route}\n`;
  const rows: readonly [name: string, text: string, problems: string[]][] = [
    [
      'unknown field',
      topic('  partitons: 3'),
      ['5:3 spec.partitons | There is no field "partitons" here. Did you mean "partitions"? | partitions'],
    ],
    [
      'unknown field without a near name',
      topic('  zebra: 3'),
      ['5:3 spec.zebra | There is no field "zebra" here. Remove it.'],
    ],
    ['wrong type', topic('  partitions: many'), ['5:15 spec.partitions | This is "many", but a number is needed.']],
    ['number out of range', topic('  partitions: 0'), ['5:15 spec.partitions | This has to be at least 1.']],
    [
      'wrong unit',
      topic('  retention: 7x'),
      ['5:14 spec.retention | This must be a duration such as 300ms, 30s, 15m or 7d.'],
    ],
    [
      'wrong word',
      topic('  deletionPolicy: Retian'),
      ['5:19 spec.deletionPolicy | "Retian" is not one of Retain, Delete. Did you mean "Retain"? | Retain'],
    ],
    [
      'null where an object is needed',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec:\n`,
      ['4:6 spec | This is nothing (null), but an object is needed.'],
    ],
    ['missing spec', `${HEAD}kind: Topic\nmetadata: { name: t }\n`, ['1:1 spec | The field "spec" is missing.']],
    [
      'missing name',
      `${HEAD}kind: Topic\nmetadata: {}\nspec: {}\n`,
      ['3:11 metadata.name | The field "name" is missing.'],
    ],
    [
      'wrong name',
      `${HEAD}kind: Function\nmetadata: { name: My_Fn }\nspec: { url: "http://a" }\n`,
      [
        '3:19 metadata.name | A name has lower-case letters, digits and "-", begins and ends with a letter or digit, and has at most 63 characters.',
      ],
    ],
    [
      'mistyped field that is required, once',
      api('match: { paht: /x }\n      to: { url: "http://a" }'),
      ['6:16 spec.routes[0].match.paht | There is no field "paht" here. Did you mean "path"? | path'],
    ],
    [
      'mistyped target, once',
      api('match: { path: /x }\n      to: { functoin: f }'),
      ['7:13 spec.routes[0].to.functoin | There is no field "functoin" here. Did you mean "function"? | function'],
    ],
    ['missing target', api('match: { path: /x }'), ['6:7 spec.routes[0].to | The field "to" is missing.']],
    [
      'target of no kind',
      api('match: { path: /x }\n      to: 7'),
      [
        '7:11 spec.routes[0].to | This must be one target, such as { function: orders }, or a list of targets with weights.',
      ],
    ],
    [
      'member of one target in a list',
      api('match: { path: /x }\n      to: [{ function: f }, { function: g, weight: 1 }]'),
      ['7:12 spec.routes[0].to[0].weight | The field "weight" is missing.'],
    ],
    [
      'two of exactly one',
      `${HEAD}kind: Function\nmetadata: { name: f }\nspec:\n  source: ./f.ts\n  url: http://a\n`,
      [
        '6:8 spec.url | Only one of "source", "image", "url" may be given, here are "source" and "url". Remove all but one.',
      ],
    ],
    ['unknown kind', `${HEAD}kind: Topik\n`, ['2:7 kind | There is no kind "Topik". Did you mean "Topic"? | Topic']],
    [
      'kind of nobody',
      `${HEAD}kind: Zebra\n`,
      [
        '2:7 kind | There is no kind "Zebra". It has to be one of Function, Topic, Api, Aggregate, Subscription, Strangler, Queue, View, Pipeline, FanOut.',
      ],
    ],
    ['missing kind', `${HEAD}spec: {}\n`, ['1:1 kind | The field "kind" is missing.']],
    [
      'wrong version',
      'apiVersion: tenfold.dev/v1\nkind: Topic\nmetadata: { name: t }\nspec: {}\n',
      [
        '1:13 apiVersion | There is no apiVersion "tenfold.dev/v1". Did you mean "tenfold.dev/v1alpha1"? | tenfold.dev/v1alpha1',
      ],
    ],
    [
      'mistyped group',
      'apiVersion: tenflod.dev/v1alpha1\nkind: Topic\nmetadata: { name: t }\nspec: {}\n',
      [
        '1:13 apiVersion | There is no apiVersion "tenflod.dev/v1alpha1". Did you mean "tenfold.dev/v1alpha1"? | tenfold.dev/v1alpha1',
      ],
    ],
    [
      'missing version',
      'kind: Topic\nmetadata: { name: t }\nspec: {}\n',
      ['1:1 kind | The field "apiVersion" is missing. Add: apiVersion: tenfold.dev/v1alpha1 | tenfold.dev/v1alpha1'],
    ],
    [
      'duplicate key',
      topic('  partitions: 3\n  partitions: 4'),
      ['6:3  | This key is there twice. Remove one of the two.'],
    ],
    ['tab', `${HEAD}kind: Topic\nmetadata:\n\tname: t\n`, ['4:1  | Tabs cannot indent YAML. Use spaces.']],
    [
      'unclosed bracket',
      `${HEAD}kind: Topic\nmetadata: { name: t\n`,
      ['4:1  | The indentation is wrong. Flow map in block collection must be sufficiently indented and end with a }.'],
    ],
    ['alias of nothing', topic('  partitions: *n'), ['5:15  | This alias names an anchor that does not exist.']],
    [
      'expression without ${…}',
      topic('  key: event.id'),
      ['5:8 spec.key | This must be an expression inside ${…}, such as "${event.data.id}".'],
    ],
    [
      'mistake in a JSON Schema',
      topic('  schema: { type: objct }'),
      ['5:19 spec.schema.type | This is not a valid JSON Schema: it must be equal to one of the allowed values.'],
    ],
    [
      'mistake in a value that an anchor repeats',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec: { schema: &s { type: object }, kafka: *s }\n`,
      ['4:22 spec.kafka.type | There is no field "type" here. Remove it.'],
    ],
  ];
  for (const [name, text, problems] of rows) {
    it(`is told with its place: ${name}`, () => assert.deepEqual(problemsOf(text), problems));
  }

  it('does not hide the mistakes of other documents and other fields', () => {
    const text = `${topic('  partitions: 0\n  retention: x')}\n---\n${HEAD}kind: Topik\n---\n${topic('  a: 1')}\n---\n${HEAD}kind: Topic\nmetadata: [\n`;
    assert.equal(problemsOf(text).length, 5);
  });
});

describe('a document that is not a resource', () => {
  const foreign: readonly [name: string, text: string][] = [
    ['empty file', ''],
    ['comments only', '# nothing\n---\n# nothing\n'],
    ['package manifest', '{"name": "tenfold-app", "dependencies": {"tenfold": "1"}}'],
    ['compose file', 'services:\n  a: { image: x }\n'],
    ['other Kubernetes objects', 'apiVersion: v1\nkind: ConfigMap\n---\napiVersion: apps/v1\nkind: Deployment\n'],
    [
      'an object of Knative with one of our kinds',
      'apiVersion: messaging.knative.dev/v1\nkind: Subscription\nspec: {}\n',
    ],
    ['template that is no YAML', 'kind: {{ .Values.kind }}\n  {{- if }}\n'],
    ['a list', '- kind: a\n- b\n'],
    ['something with a kind that is nobody’s', 'kind: Topic of conversation\n'],
  ];
  for (const [name, text] of foreign) {
    it(`is left alone: ${name}`, () =>
      assert.deepEqual(loadText('x.yaml', text), { resources: [], problems: [], broken: [], drafts: [] }));
  }

  it('is a warning beside resources', () => {
    const { problems } = loadText(
      'a.yaml',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec: {}\n---\napiVersion: v1\nkind: Secret\n`,
    );
    assert.deepEqual(
      problems.map(({ severity, line, message }) => [severity, line, message]),
      [['warning', 6, 'This document is not a resource of Tenfold and is ignored.']],
    );
  });
});

describe('a hostile file', () => {
  const bomb = `${HEAD}kind: Topic\nmetadata: { name: t }\nspec:\n  schema:\n    a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from(
    { length: 8 },
    (_, level) =>
      `    ${'bcdefghi'[level]}: &${'bcdefghi'[level]} [${Array(9).fill(`*${'abcdefgh'[level]}`).join(', ')}]\n`,
  ).join('')}`;
  const rows: readonly [name: string, text: string, message: RegExp][] = [
    ['aliases that multiply', bomb, /aliases .* repeat too much/],
    [
      '100 levels of nesting',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec: ${'{ a: '.repeat(100)}1${' }'.repeat(100)}\n`,
      /nested more than 64 deep/,
    ],
    ['100,000 levels of nesting', `${HEAD}kind: Topic\nspec: ${'['.repeat(100_000)}`, /nested more than 64 deep/],
    ['10,000 levels of block nesting', `${HEAD}kind: Topic\nspec:\n  ${'- '.repeat(10_000)}x`, /nested/],
    [
      '100,000 keys',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec:\n  kafka:\n${Array.from({ length: 100_000 }, (_, index) => `    topic${index}: 1\n`).join('')}`,
      /no field "topic0"/,
    ],
    [
      'prototype keys',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec: { __proto__: { partitions: 3 } }\n`,
      /no field "__proto__"/,
    ],
  ];
  for (const [name, text, message] of rows) {
    it(`is refused in time: ${name}`, () => {
      const ms = computingMs(() => {
        const [problem, ...more] = loadText('x.yaml', text).problems;
        assert.match(problem?.message ?? 'accepted', message);
        assert.ok(more.length < 100);
      });
      assert.ok(ms < 5000, `${ms} ms`);
    });
  }
});

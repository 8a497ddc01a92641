// What each kind refuses, where it points, and what it says.
import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { type Kind, kindNames } from '../../../resources/kinds/index.ts';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';

// biome-ignore lint/suspicious/noExplicitAny: examples are changed in ways that their types forbid
type Spec = any;
type Row = readonly [name: string, kind: Kind, change: (spec: Spec) => void, path: string, message: RegExp];

const rows: readonly Row[] = [
  [
    'two ways to run',
    'Function',
    spec => {
      spec.url = 'http://x';
    },
    'spec.url',
    /Only one of "source", "image", "url".*"source" and "url"/,
  ],
  [
    'no way to run',
    'Function',
    spec => {
      delete spec.source;
    },
    'spec',
    /One of "source", "image", "url" is missing/,
  ],
  [
    'an absolute source',
    'Function',
    spec => {
      spec.source = '/orders.ts';
    },
    'spec.source',
    /relative path/,
  ],
  [
    'a source of another language',
    'Function',
    spec => {
      spec.source = './orders.py';
    },
    'spec.source',
    /\.ts, \.mts/,
  ],
  [
    'a time limit above 15 minutes',
    'Function',
    spec => {
      spec.timeout = '16m';
    },
    'spec.timeout',
    /at most 15m/,
  ],
  [
    'a number for a duration',
    'Function',
    spec => {
      spec.timeout = 29;
    },
    'spec.timeout',
    /a duration such as/,
  ],
  [
    'a duration without a unit',
    'Function',
    spec => {
      spec.timeout = '29';
    },
    'spec.timeout',
    /a duration such as/,
  ],
  [
    'more instances at least than at most',
    'Function',
    spec => {
      spec.scale = { min: 21 };
    },
    'spec.scale.min',
    /above the largest/,
  ],
  [
    'a value and a reference for one variable',
    'Function',
    spec => {
      spec.env[1].value = 'x';
    },
    'spec.env.1.valueFrom',
    /Only one of "value", "valueFrom"/,
  ],
  [
    'a variable twice',
    'Function',
    spec => {
      spec.env[1].name = 'CURRENCY';
    },
    'spec.env.1.name',
    /set twice/,
  ],
  [
    'a number as value of a variable',
    'Function',
    spec => {
      spec.env[0].value = 5;
    },
    'spec.env.0.value',
    /in quotes/,
  ],
  [
    'a url with a password',
    'Function',
    spec => {
      delete spec.source;
      spec.url = 'http://a:b@c';
    },
    'spec.url',
    /without user name/,
  ],
  [
    'a url of another scheme',
    'Function',
    spec => {
      delete spec.source;
      spec.url = 'ftp://c';
    },
    'spec.url',
    /absolute address/,
  ],
  [
    'a retention without a unit',
    'Topic',
    spec => {
      spec.retention = '7';
    },
    'spec.retention',
    /a duration such as/,
  ],
  [
    'a key that is no expression',
    'Topic',
    spec => {
      spec.key = 'event.data.id';
    },
    'spec.key',
    /inside \$\{…\}/,
  ],
  [
    'a schema that is none',
    'Topic',
    spec => {
      spec.schema.properties.orderId.type = 'strnig';
    },
    'spec.schema.properties.orderId.type',
    /not a valid JSON Schema/,
  ],
  [
    'avro without a registry',
    'Topic',
    spec => {
      spec.encoding = { format: 'avro' };
    },
    'spec.encoding.registry',
    /need a schema registry/,
  ],
  [
    'an Api without a route',
    'Api',
    spec => {
      spec.routes = [];
    },
    'spec.routes',
    /at least one route/,
  ],
  [
    'a route to two places',
    'Api',
    spec => {
      spec.routes[0].to = { function: 'a', queue: 'b' };
    },
    'spec.routes.0.to.queue',
    /Only one of/,
  ],
  [
    'weights of which none is above 0',
    'Api',
    spec => {
      for (const to of spec.routes[2].to) to.weight = 0;
    },
    'spec.routes.2.to',
    /a weight above 0/,
  ],
  [
    'a limit above that of the gateway',
    'Api',
    spec => {
      spec.routes[0].timeout = '30s';
    },
    'spec.routes.0.timeout',
    /at most 29s/,
  ],
  [
    'a path with a regular expression',
    'Api',
    spec => {
      spec.routes[0].match.path = '/a/:id(\\d+)';
    },
    'spec.routes.0.match.path',
    /A path begins with/,
  ],
  [
    'a path with a wildcard inside',
    'Api',
    spec => {
      spec.routes[0].match.path = '/a/*/b';
    },
    'spec.routes.0.match.path',
    /A path begins with/,
  ],
  [
    'a parameter twice',
    'Api',
    spec => {
      spec.routes[0].match.path = '/a/:id/:id';
    },
    'spec.routes.0.match.path',
    /appears twice/,
  ],
  [
    'credentials for every origin',
    'Api',
    spec => {
      spec.cors = { origins: ['*'], credentials: true };
    },
    'spec.cors.credentials',
    /every origin/,
  ],
  [
    'an origin with a path',
    'Api',
    spec => {
      spec.cors.origins = ['https://a/b'];
    },
    'spec.cors.origins.0',
    /an origin such as/,
  ],
  [
    'a signature that shares its key',
    'Api',
    spec => {
      spec.auth.jwt.algorithms = ['HS256'];
    },
    'spec.auth.jwt.algorithms.0',
    /RS256/,
  ],
  [
    'a rate of zero',
    'Api',
    spec => {
      spec.rateLimit.rate = '0/s';
    },
    'spec.rateLimit.rate',
    /above zero/,
  ],
  [
    'a rate by something unknown',
    'Api',
    spec => {
      spec.rateLimit.by = 'user';
    },
    'spec.rateLimit.by',
    /consumer, ip, all/,
  ],
  [
    'stickiness by something unknown',
    'Api',
    spec => {
      spec.routes[2].sticky.by = 'sid';
    },
    'spec.routes.2.sticky.by',
    /cookie:name/,
  ],
  [
    'a retry on success',
    'Api',
    spec => {
      spec.routes[1].retry.on = ['200'];
    },
    'spec.routes.1.retry.on.0',
    /a status from 400/,
  ],
  [
    'an answer by body and by function',
    'Aggregate',
    spec => {
      spec.response.function = 'x';
    },
    'spec.response.function',
    /Only one of "body", "function"/,
  ],
  [
    'an aggregate without parts',
    'Aggregate',
    spec => {
      spec.parts = {};
    },
    'spec.parts',
    /at least one part/,
  ],
  [
    'a part that expressions cannot name',
    'Aggregate',
    spec => {
      spec.parts['my-part'] = spec.parts.order;
    },
    'spec.parts.my-part',
    /key/,
  ],
  [
    'a part called like a word of CEL',
    'Aggregate',
    spec => {
      spec.parts.in = spec.parts.order;
    },
    'spec.parts.in',
    /key/,
  ],
  [
    'a start that is no time',
    'Subscription',
    spec => {
      spec.from = '2026-13-45T00:00:00Z';
    },
    'spec.from',
    /latest, earliest, or a time/,
  ],
  [
    'a first pause above the longest',
    'Subscription',
    spec => {
      spec.retry = { initial: '10m', max: '1m' };
    },
    'spec.retry.initial',
    /longer than the longest/,
  ],
  [
    'a phase that there is not',
    'Strangler',
    spec => {
      spec.features[0].phase = 'dark';
    },
    'spec.features.0.phase',
    /legacy/,
  ],
  [
    'steps that go back',
    'Strangler',
    spec => {
      spec.features[0].promote.steps = [10, 5];
    },
    'spec.features.0.promote.steps',
    /larger than the one before/,
  ],
  [
    'a share above the whole',
    'Strangler',
    spec => {
      spec.features[0].shadow.sample = '101%';
    },
    'spec.features.0.shadow.sample',
    /0% to 100%/,
  ],
  [
    'a place that is no pointer',
    'Strangler',
    spec => {
      spec.features[0].shadow.compare.ignore = ['updatedAt'];
    },
    'spec.features.0.shadow.compare.ignore.0',
    /JSON Pointer/,
  ],
  [
    'two features of one name',
    'Strangler',
    spec => {
      spec.features.push({ ...spec.features[0] });
    },
    'spec.features.1.name',
    /Rename one/,
  ],
  [
    'a key without an order',
    'Queue',
    spec => {
      spec.order = 'none';
    },
    'spec.key',
    /no effect/,
  ],
  [
    'two stores',
    'View',
    spec => {
      spec.ranking = { member: '${event.id}' };
    },
    'spec.ranking',
    /Only one of "table", "ranking"/,
  ],
  [
    'an index of no members',
    'View',
    spec => {
      spec.table.indexes = [[]];
    },
    'spec.table.indexes.0',
    /list of names|>=1/,
  ],
  [
    'a step of two sorts',
    'Pipeline',
    spec => {
      spec.steps[0].map = '${event.data}';
    },
    'spec.steps.0.map',
    /Only one of/,
  ],
  [
    'an aggregate that there is not',
    'Pipeline',
    spec => {
      spec.steps[2].window.aggregate.views = 'median(event.data.x)';
    },
    'spec.steps.2.window.aggregate.views',
    /count\(\), sum/,
  ],
  [
    'a window of two sorts',
    'Pipeline',
    spec => {
      spec.steps[2].window.session = { gap: '1m' };
    },
    'spec.steps.2.window.session',
    /Only one of/,
  ],
  [
    'a quorum without its number',
    'FanOut',
    spec => {
      spec.complete.when = 'quorum';
    },
    'spec.complete.quorum',
    /A quorum goes with/,
  ],
  [
    'a number for a quorum that is none',
    'FanOut',
    spec => {
      spec.complete.quorum = 3;
    },
    'spec.complete.quorum',
    /A quorum goes with/,
  ],
  [
    'two starts',
    'FanOut',
    spec => {
      spec.on.http = {};
    },
    'spec.on.http',
    /Only one of "topic", "http", "upload"/,
  ],
];

describe('kinds refuse', () => {
  for (const [name, kind, change, path, message] of rows) {
    it(`${name} (${kind})`, () => {
      const issue = issuesAfter(kind, change).find(found => found.path.join('.') === path);
      assert.ok(issue, `an issue at ${path}: ${JSON.stringify(issuesAfter(kind, change))}`);
      assert.match(issue.message, message);
    });
  }

  for (const kind of kindNames) {
    it(`an unknown field in the spec of ${kind}`, () => {
      const [issue] = issuesAfter(kind, spec => {
        spec.tiemout = '5s';
      });
      assert.equal(issue?.code, 'unrecognized_keys');
      assert.deepEqual(issue.path, ['spec']);
    });

    it(`a ${kind} without a spec`, () => {
      const { spec: _, ...manifest } = parse(exampleOf(kind));
      assert.equal(manifestSchema(kind).safeParse(manifest).success, false);
    });
  }

  it('all mistakes at once', () => {
    const issues = issuesAfter('Function', spec => {
      spec.timeout = 'soon';
      spec.limits.rate = 'often';
      spec.scale.min = -1;
    });
    assert.deepEqual(issues.map(({ path }) => path.join('.')).toSorted(), [
      'spec.limits.rate',
      'spec.scale.min',
      'spec.timeout',
    ]);
  });
});

function issuesAfter(kind: Kind, change: (spec: Spec) => void) {
  const manifest = parse(exampleOf(kind));
  change(manifest.spec);
  return manifestSchema(kind).safeParse(manifest).error?.issues ?? [];
}

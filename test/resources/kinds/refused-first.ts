// Mistakes in resources and what is said of them: the first half of the table.
import type { Kind } from '../../../resources/kinds/kind-names.ts';

// biome-ignore lint/suspicious/noExplicitAny: examples are changed in ways that their types forbid
export type Spec = any;
/** What is changed in the example of a kind, and where and how it is refused. */
export type Refusal = readonly [name: string, kind: Kind, change: (spec: Spec) => void, path: string, message: RegExp];

export const refusedFirst: readonly Refusal[] = [
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
    'a canary by what cannot divide calls',
    'Function',
    spec => {
      spec.provider = 'deployment';
      spec.canary = {};
    },
    'spec.canary',
    /Only Knative divides the calls.*provider to knative.*weights of an Api/,
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
    'a variable that the platform sets',
    'Function',
    spec => {
      spec.env[0].name = 'PORT';
    },
    'spec.env.0.name',
    /set by the platform/,
  ],
  [
    'a variable in the name of the platform',
    'Function',
    spec => {
      spec.env[0].name = 'TENFOLD_TIMEOUT_MS';
    },
    'spec.env.0.name',
    /set by the platform/,
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
      spec.routes[0].timeout = '25h';
    },
    'spec.routes.0.timeout',
    /at most (24h|1d)/,
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
    'a sunset before the deprecation',
    'Api',
    spec => {
      spec.deprecation = { since: '2026-06-01', sunset: '2026-05-31T23:59:59Z' };
    },
    'spec.deprecation.sunset',
    /before it is deprecated/,
  ],
  [
    'shares where all of a partition come one after the other',
    'Subscription',
    spec => {
      spec.order = 'partition';
      spec.share = { by: '${event.data.tenant}' };
    },
    'spec.share',
    /Shares have no effect with "order: partition"/,
  ],
  [
    'a share that no expression gives',
    'Queue',
    spec => {
      spec.share = { by: 'tenant' };
    },
    'spec.share.by',
    /This must be an expression inside/,
  ],
];

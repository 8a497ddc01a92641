// Mistakes in resources and what is said of them: the second half of the table.
import type { Refusal, Spec } from './refused-first.ts';

export const refusedSecond: readonly Refusal[] = [
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
  ...(
    [
      ['a pattern of six fields', { cron: '0 0 2 * * *' }, 'cron', /must be five fields/],
      ['a minute that no hour has', { cron: '61 * * * *' }, 'cron', /not a cron pattern.*minute/],
      ['a pattern that never comes', { cron: '0 0 30 2 *' }, 'cron', /No time matches.*never run/],
      ['a pattern that depends on the start', { cron: '? * * * *' }, 'cron', /must be five fields/],
      ['a date', { cron: '2027-01-01T00:00:00' }, 'cron', /must be five fields/],
      ['an unknown time zone', { timeZone: 'Europe/Berlyn' }, 'timeZone', /Did you mean "Europe\/Berlin"/],
      ['an offset for a time zone', { timeZone: '+02:00' }, 'timeZone', /name of a time zone/],
      ['another word for missed runs', { missed: 'some' }, 'missed', /"skip"\|"one"\|"all"/],
      ['a jitter of two hours', { jitter: '2h' }, 'jitter', /at most 1h/],
    ] as const
  ).map(([name, schedule, field, message]): Refusal => {
    const change = (spec: Spec) => {
      spec.schedules = [{ name: 'nightly', cron: '0 2 * * *', ...schedule }];
    };
    return [`${name} in a schedule`, 'Queue', change, `spec.schedules.0.${field}`, message];
  }),
  [
    'two schedules of one name',
    'FanOut',
    spec => {
      const schedule = { name: 'nightly', cron: '@daily' };
      spec.schedules = [schedule, schedule];
    },
    'spec.schedules.1.name',
    /There is a schedule "nightly" already/,
  ],
  [
    'overlapping runs of events without an end',
    'Topic',
    spec => {
      spec.schedules = [{ name: 'nightly', cron: '@daily', overlap: 'skip' }];
    },
    'spec.schedules.0',
    /overlap/,
  ],
];

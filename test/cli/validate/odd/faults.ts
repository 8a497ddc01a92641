// Faults, each in a place of its own, that resources of every kind can have at once.
import type { Json } from './odd-documents.ts';

export interface Fault {
  readonly name: string;
  readonly of: readonly [kind: string, name: string];
  /** File and path of what is said of it. */
  readonly at: string;
  /** Breaks the sound resource. */
  readonly change: (spec: Json) => void;
}

const fault = (kind: string, resource: string, name: string, path: string, change: Fault['change']): Fault => ({
  name: `${name} (${kind} ${resource})`,
  of: [kind, resource],
  at: `${kind}-${resource} ${path}`,
  change,
});

/** Below `spec.routes[n]` of the Api "wide", and the like. */
type Change = Fault['change'];
const put =
  (path: string, value: unknown): Change =>
  spec => {
    const steps = path.split('.');
    const parent = steps.slice(0, -1).reduce((at, step) => at[step], spec);
    parent[steps.at(-1) ?? ''] = value;
  };

export const faults: readonly Fault[] = [
  fault('Function', 'one', 'an unknown field', 'spec.bogus', put('bogus', 1)),
  fault('Function', 'one', 'a duration that is none', 'spec.timeout', put('timeout', 'soon')),
  fault('Function', 'one', 'fewer instances than at least', 'spec.scale.min', put('scale', { min: 5, max: 1 })),
  fault('Function', 'one', 'a wrong member beside a broken rule', 'spec.limits.rate', put('limits', { rate: 'often' })),
  fault(
    'Function',
    'limited',
    'an unknown field beside a rule',
    'spec.scale.bogus',
    put('scale', { min: 5, max: 1, bogus: 1 }),
  ),
  fault('Topic', 'changed', 'an expression that does not compile', 'spec.key', put('key', '${event.}')),
  fault('Topic', 'changed', 'a JSON Schema that is none', 'spec.schema.type', put('schema', { type: 'objekt' })),
  fault('Topic', 'changed', 'a mistyped field', 'spec.retantion', spec => {
    spec.retantion = spec.retention;
    delete spec.retention;
  }),
  fault(
    'Topic',
    'changed',
    'a format without a registry',
    'spec.encoding.registry',
    put('encoding', { format: 'avro' }),
  ),
  fault('Topic', 'dead', 'data that cannot be structured', 'spec.kafka.contentMode', spec => {
    spec.encoding = { format: 'avro', registry: { url: 'http://registry' } };
    spec.kafka = { contentMode: 'structured' };
  }),
  fault('Topic', 'dead', 'too many partitions', 'spec.partitions', put('partitions', 0)),
  fault('Queue', 'work', 'a Function that is not there', 'spec.to.function', put('to', { function: 'gone' })),
  fault('Queue', 'work', 'a key without an order', 'spec.key', put('key', '${event.id}')),
  fault(
    'Queue',
    'work',
    'pauses that shrink',
    'spec.retry.initial',
    put('retry', { attempts: 3, initial: '9s', max: '5s' }),
  ),
  fault('Queue', 'work', 'a number that is too small', 'spec.concurrency', put('concurrency', 0)),
  fault('Subscription', 'listener', 'a Topic that is not there', 'spec.topic', put('topic', 'gone')),
  fault('Subscription', 'listener', 'a filter that gives no truth', 'spec.filter', put('filter', '${event.type}')),
  fault('Subscription', 'listener', 'a wrong choice', 'spec.order', put('order', 'kye')),
  fault(
    'Subscription',
    'listener',
    'an unknown field in a batch',
    'spec.batch.sizes',
    put('batch', { size: 10, wait: '1s', sizes: 1 }),
  ),
  fault('View', 'table', 'an unknown variable', 'spec.table.value.a', put('table.value.a', '${evnt.data}')),
  fault('View', 'table', 'a wrong cache', 'spec.query.cache.ttl', put('query.cache.ttl', 'never')),
  fault(
    'View',
    'totals',
    'a condition on a value that is not there',
    'spec.aggregate.having',
    put('aggregate.having', '${row.ordrs > 1}'),
  ),
  fault(
    'View',
    'totals',
    'a top of too many',
    'spec.aggregate.values.tags',
    put('aggregate.values.tags', 'top(event.data.tag, 1000)'),
  ),
  fault(
    'View',
    'totals',
    'a sum of what is no number',
    'spec.aggregate.values.total',
    put('aggregate.values.total', 'sum(event.type)'),
  ),
  fault('View', 'ranking', 'two shapes', 'spec.ranking', put('table', { key: '${event.id}' })),
  fault('View', 'found', 'events that hold it up', 'spec.onExhausted', put('onExhausted', 'block')),
  fault(
    'View',
    'found',
    'a type of field that is none',
    'spec.search.fields.text.type',
    put('search.fields.text.type', 'txt'),
  ),
  fault('Pipeline', 'flow', 'a source that is not there', 'spec.from.topic', put('from.topic', 'gone')),
  fault(
    'Pipeline',
    'flow',
    'a filter that does not compile',
    'spec.steps[0].filter',
    put('steps.0.filter', '${event.data.}'),
  ),
  fault('Pipeline', 'flow', 'windows with gaps', 'spec.steps[1].window.hopping.every', spec => {
    delete spec.steps[1].window.tumbling;
    spec.steps[1].window.hopping = { size: '10s', every: '20s' };
  }),
  fault(
    'Pipeline',
    'flow',
    'a taken name',
    'spec.steps[1].window.aggregate.key',
    put('steps.1.window.aggregate.key', 'count()'),
  ),
  fault(
    'Pipeline',
    'flow',
    'a wrong lateness',
    'spec.steps[1].window.allowedLateness',
    put('steps.1.window.allowedLateness', 5),
  ),
  fault('FanOut', 'spread', 'a worker that is not there', 'spec.worker.function', put('worker.function', 'gone')),
  fault('FanOut', 'spread', 'a quorum that does not go with "all"', 'spec.complete.quorum', put('complete.quorum', 3)),
  fault('FanOut', 'spread', 'items that are no list', 'spec.split', put('split', '${event.type}')),
  fault('FanOut', 'spread', 'a wrong deadline', 'spec.complete.deadline', put('complete.deadline', '1y')),
  fault(
    'Aggregate',
    'invoice',
    'a hedge on a POST',
    'spec.parts.customer.hedge',
    put('parts.customer.hedge', { after: 'p95' }),
  ),
  fault('Aggregate', 'invoice', 'an unknown field in a part', 'spec.parts.order.bogus', put('parts.order.bogus', 1)),
  fault(
    'Aggregate',
    'invoice',
    'a Function that is not there',
    'spec.parts.order.to.function',
    put('parts.order.to', { function: 'gone' }),
  ),
  fault(
    'Aggregate',
    'invoice',
    'an unknown part',
    'spec.response.headers["x-id"]',
    put('response.headers', { 'x-id': '${odrer.body.id}' }),
  ),
  fault('Aggregate', 'invoice', 'a wrong limit', 'spec.timeout', put('timeout', '2h')),
  fault('Aggregate', 'outer', 'a circle', 'spec.parts.other', put('parts.other.path', '/${other.body}')),
  fault(
    'Aggregate',
    'outer',
    'a Function that is not there',
    'spec.response.function',
    put('response.function', 'gone'),
  ),
  fault(
    'Api',
    'wide',
    'a parameter that the path does not have',
    'spec.routes[0].request.path',
    put('routes.0.request.path', '/v2/${params.x}'),
  ),
  fault('Api', 'wide', 'braces in a path', 'spec.routes[2].match.path', put('routes.2.match.path', '/invoice/{id}')),
  fault(
    'Api',
    'wide',
    'a pattern that is none',
    'spec.routes[0].match.headers["x-client"].pattern',
    put('routes.0.match.headers', { 'x-client': { pattern: '(' } }),
  ),
  fault('Api', 'wide', 'claims without a token', 'spec.rateLimit.by', put('rateLimit.by', '${claims.sub}')),
  fault(
    'Api',
    'wide',
    'a target that is not there',
    'spec.routes[1].failover.function',
    put('routes.1.failover', { function: 'gone' }),
  ),
  fault('Api', 'wide', 'a mistyped field of a route', 'spec.routes[4].tiemout', put('routes.4.tiemout', '5s')),
  fault('Api', 'wide', 'a Topic that is not there', 'spec.routes[3].to.topic', put('routes.3.to', { topic: 'gone' })),
  fault(
    'Api',
    'wide',
    'a header that nobody may let through',
    'spec.headers.allow[0]',
    put('headers', { allow: ['connection'] }),
  ),
  fault(
    'Api',
    'wide',
    'nothing that could be required',
    'spec.routes[5].auth',
    put('routes.5.auth', { required: true }),
  ),
  fault('Api', 'wide', 'a place that is taken', 'spec.openapi.path', put('openapi.path', '/table')),
  fault('Api', 'wide', 'a wrong method', 'spec.routes[6].match.method', put('routes.6.match.method', 'GTE')),
  fault(
    'Api',
    'wide',
    'a body limit that is none',
    'spec.routes[0].request.maxBody',
    put('routes.0.request.maxBody', 'much'),
  ),
  fault('Api', 'wide', 'two routes for one path', 'spec.routes[7].match.path', put('routes.7.match.path', '/table')),
  fault(
    'Api',
    'graph',
    'a field that the schema does not have',
    'spec.graphql.resolvers["Query.ordre"]',
    put('graphql.resolvers', {
      'Query.ordre': { to: { function: 'one' } },
    }),
  ),
  fault('Api', 'graph', 'a bound that is none', 'spec.graphql.maxDepth', put('graphql.maxDepth', 0)),
  fault('Api', 'graph', 'an unknown field beside its schema', 'spec.graphql.bogus', put('graphql.bogus', 1)),
  fault(
    'Api',
    'guarded',
    'a header with another use',
    'spec.auth.jwt.forward["content-type"]',
    put('auth.jwt.forward', { 'content-type': 'sub' }),
  ),
  fault(
    'Api',
    'guarded',
    'a rule that does not compile',
    'spec.auth.allow',
    put('auth.allow', "${claims.role = 'admin'}"),
  ),
  fault(
    'Api',
    'guarded',
    'a rule that gives no truth',
    'spec.routes[0].auth.allow',
    put('routes.0.auth.allow', '${request.method}'),
  ),
  fault('Api', 'versioned', 'a header that is withheld', 'spec.version.header', put('version.header', 'x_version')),
  fault('Api', 'versioned', 'an unknown field of a route', 'spec.routes[0].bogus', put('routes.0.bogus', 1)),
  fault(
    'Strangler',
    'facade',
    'a queue behind a feature',
    'spec.features[0].to.queue',
    put('features.0.to', { queue: 'work' }),
  ),
  fault(
    'Strangler',
    'facade',
    'a normaliser that does not compile',
    'spec.features[0].shadow.compare.normalize',
    put('features.0.shadow.compare.normalize', '${answr.body}'),
  ),
  fault(
    'Strangler',
    'facade',
    'a wrong share',
    'spec.features[1].canary.percent',
    put('features.1.canary.percent', 500),
  ),
  fault(
    'Strangler',
    'facade',
    'steps that do not rise',
    'spec.features[0].promote.steps',
    put('features.0.promote.steps', [50, 10]),
  ),
  fault(
    'Strangler',
    'facade',
    'a Topic that is not there',
    'spec.features[1].sync.topic',
    put('features.1.sync.topic', 'gone'),
  ),
  fault('Strangler', 'facade', 'an unknown field of legacy', 'spec.legacy.bogus', put('legacy.bogus', 1)),
  fault(
    'Strangler',
    'facade',
    'a normaliser that is not there',
    'spec.features[1].shadow.compare.normalize.function',
    put('features.1.shadow', { compare: { normalize: { function: 'gone' } } }),
  ),
];

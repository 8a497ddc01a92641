// The rest of what runs while things break: windows, dedupe, joins, a feed, batches, held keys,
// callbacks, claim checks and the sync of a Strangler.
import { type Declare, declareIn } from './declare.ts';

/** Signs callbacks, as Standard Webhooks has it. */
export const HOOK_KEY = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
/** Calls with an event that fails each time, until somebody redrives it. */
const GIVEN_UP_AFTER = 2;

export interface WindowRule {
  readonly sizeMs: number;
  readonly disorderMs: number;
  readonly latenessMs: number;
}

/**
 * Of the windows that are counted where the events are, and of those that are
 * brought together by another key.
 */
export const BY_SENSOR: WindowRule = { sizeMs: 5000, disorderMs: 3000, latenessMs: 0 };
export const BY_KIND: WindowRule = { sizeMs: 7000, disorderMs: 2000, latenessMs: 1000 };
/** What is larger stands in S3. */
export const LARGEST_INLINE = 4096;

const FUNCTIONS = [
  'batched',
  'mended',
  'held',
  'order',
  'large',
  'batch-part',
  'batch-gather',
  'new-shop',
  'to-legacy',
];
const AGAIN = 'retry: { attempts: 1000, backoff: constant, initial: 100ms, max: 1s }';

export function widerFiles(namespace: string, functions: string): Record<string, string> {
  const declare = declareIn(namespace, functions);
  const resources = [
    ...topics(declare),
    ...pipelines(declare),
    ...consumers(declare),
    strangler(declare, functions),
    ...FUNCTIONS.map(name => declare.fn(name)),
    listeners(declare),
  ];
  return {
    [`.tenfold/secrets/${namespace}/hooks.json`]: JSON.stringify({ key: HOOK_KEY }),
    'wider.yaml': resources.join('---\n'),
  };
}

function topics({ resource }: Declare): string[] {
  return [
    resource('Topic', 'readings', '  partitions: 3\n  key: "${event.data.sensor}"'),
    resource('Topic', 'prices', '  partitions: 2\n  key: "${event.data.item}"'),
    resource('Topic', 'changed', '  partitions: 2\n  key: "${event.data.row}"'),
    resource('Topic', 'large', `  partitions: 2\n  maxSize: ${LARGEST_INLINE}\n  claimCheck: { max: 1Mi }`),
    ...['by-sensor', 'late-by-sensor', 'by-kind', 'unique', 'joined', 'batches-ended'].map(name =>
      resource('Topic', name, '  partitions: 2'),
    ),
  ];
}

function pipelines({ resource }: Declare): string[] {
  const pipeline = (name: string, steps: string, rule?: WindowRule) =>
    resource(
      'Pipeline',
      name,
      `  from: { topic: readings, start: earliest }
${rule ? `  time: { of: "\${timestamp(event.data.at)}", maxDisorder: ${rule.disorderMs}ms, idle: 4s }\n` : ''}  steps:\n${steps}
  to: [{ topic: ${name} }]`,
    );
  const window = (by: string, { sizeMs, latenessMs }: WindowRule, more = '') =>
    `    - window:
        tumbling: ${sizeMs}ms
        by: "${by}"
        aggregate: { count: count(), sum: sum(event.data.value), most: max(event.data.number) }
        allowedLateness: ${latenessMs}ms${more}`;
  return [
    pipeline(
      'by-sensor',
      window('${event.data.sensor}', BY_SENSOR, '\n        late: { topic: late-by-sensor }'),
      BY_SENSOR,
    ),
    pipeline('by-kind', window('${event.data.kind}', BY_KIND), BY_KIND),
    // What is mapped has an id of its place: two copies of an event are told
    // from one that is made again.
    pipeline(
      'unique',
      `    - map: "\${{'sensor': event.data.sensor, 'number': event.data.number}}"
    - dedupe: { by: "\${event.data.sensor + '-' + string(int(event.data.number))}", window: 1h }`,
    ),
    pipeline('joined', '    - join: { view: prices, key: "${event.data.item}", as: price }'),
  ];
}

function consumers({ resource }: Declare): string[] {
  const subscription = (name: string, topic: string, spec: string) =>
    resource('Subscription', name, `  topic: ${topic}\n  to: { function: ${name} }\n  from: earliest\n  ${spec}`);
  const givenUp = `retry: { attempts: ${GIVEN_UP_AFTER}, backoff: constant, initial: 100ms }`;
  return [
    resource('View', 'prices', '  from: [prices]\n  table: { key: "${event.data.item}" }'),
    resource('View', 'feed', '  from: [readings]\n  feed: { owner: "${event.data.sensor}", limit: 100000 }'),
    subscription('batched', 'readings', `batch: { size: 10, wait: 50ms }\n  ${AGAIN}`),
    subscription('mended', 'readings', givenUp),
    subscription('held', 'readings', `onExhausted: hold\n  ${givenUp}`),
    subscription('large', 'large', AGAIN),
    resource(
      'Queue',
      'orders',
      `  to: { function: order }\n  concurrency: 8\n  partitions: 2\n  callbacks: { secret: hooks, ${AGAIN} }\n  ${AGAIN}`,
    ),
    resource(
      'FanOut',
      'batches',
      `  split: "\${event.data.parts}"
  worker: { function: batch-part, concurrency: 4, batch: { size: 5, wait: 20ms }, ${AGAIN} }
  gather: { function: batch-gather, ${AGAIN} }
  partitions: 2
  complete: { when: all, deadline: 2h, topic: batches-ended }`,
    ),
  ];
}

function strangler({ resource }: Declare, functions: string): string {
  return resource(
    'Strangler',
    'shop',
    `  legacy: { url: "${functions}" }
  features:
    - name: rows
      match: { path: /shop-rows/* }
      to: { function: new-shop }
      phase: live
      sync: { topic: changed, to: { function: to-legacy }, maxLag: 1m }`,
  );
}

function listeners({ resource }: Declare): string {
  const post = (path: string, to: string) => `    - { match: { method: POST, path: /${path} }, to: { ${to} } }`;
  const get = (path: string) => `    - { match: { method: GET, path: /${path} }, to: { view: ${path} } }`;
  const routes = [
    ...['readings', 'prices', 'changed', 'large'].map(name => post(name, `topic: ${name}`)),
    post('orders', 'queue: orders'),
    post('batches', 'fanOut: batches'),
    get('prices'),
    get('feed'),
  ];
  return resource('Api', 'wider', `  routes:\n${routes.join('\n')}`);
}

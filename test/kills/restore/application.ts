// What runs while back-ups are made: a topic with large events among them, what follows it in every
// way, and a queue beside it.

const PARTITIONS = 3;
export const KEYS = 8;
/** Of the time of events from one to the next, and of windows. */
export const STEP_MS = 200;
export const WINDOW_MS = 10_000;

const AGAIN = 'retry: { attempts: 1000, backoff: constant, initial: 50ms, max: 500ms }';

/** `functions`: address of the server that is called, without a slash at the end. */
export function applicationFiles(functions: string): Record<string, string> {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n${spec}\n`;
  return {
    'app.yaml': [
      resource(
        'Topic',
        'orders',
        `  partitions: ${PARTITIONS}\n  key: "\${event.data.key}"\n  maxSize: 64Ki\n  claimCheck: {}`,
      ),
      resource('Topic', 'sums', '  partitions: 2'),
      resource(
        'Subscription',
        'deliveries',
        `  topic: orders\n  to: { function: deliver }\n  from: earliest\n  ${AGAIN}`,
      ),
      resource('Queue', 'work', `  to: { function: double }\n  concurrency: 4\n  partitions: 2\n  ${AGAIN}`),
      resource('View', 'totals', '  from: [orders]\n  ranking: { member: "${event.subject}", limit: 100 }'),
      resource('View', 'rows', '  from: [orders]\n  table: { key: "${event.id}" }'),
      resource(
        'Pipeline',
        'windows',
        `  from: { topic: orders, start: earliest }
  time: { idle: never }
  steps:
    - window: { tumbling: ${WINDOW_MS}ms, by: "\${event.subject}", aggregate: { orders: count() } }
  to: [{ topic: sums }]`,
      ),
      resource(
        'Pipeline',
        'kept',
        '  from: { topic: orders, start: earliest }\n  to: [{ archive: { format: jsonl, compression: none, roll: { every: 1s } } }]',
      ),
      resource('Function', 'deliver', `  url: ${functions}/deliver\n  timeout: 5s`),
      resource('Function', 'double', `  url: ${functions}/double\n  timeout: 5s`),
      resource(
        'Api',
        'doors',
        `  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /work }, to: { queue: work } }
    - { match: { method: GET, path: /totals }, to: { view: totals } }
    - { match: { method: GET, path: /rows }, to: { view: rows } }`,
      ),
    ].join('---\n'),
  };
}

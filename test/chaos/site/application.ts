// What runs while things break: one topic that everything follows, and a queue and a fan-out beside
// it, all over one function server.
import { declareIn } from './declare.ts';

/** In flight at the function `limited`, over everything that calls it. */
export const LIMIT = 3;
/** Calls of `bounded` with an event that fails each time. */
export const ATTEMPTS = 4;
export const PARTITIONS = 6;

const AGAIN = 'retry: { attempts: 1000, backoff: constant, initial: 100ms, max: 1s }';

export interface ApplicationOptions {
  readonly namespace: string;
  /** Of the function server, without a slash at the end. */
  readonly functions: string;
  readonly partitions: number;
}

export function applicationFiles({ namespace, functions, partitions }: ApplicationOptions): Record<string, string> {
  const { resource, fn } = declareIn(namespace, functions);
  return {
    'app.yaml': [
      resource('Topic', 'events', `  partitions: ${partitions}\n  key: "\${event.data.key}"`),
      resource('Topic', 'ended', '  partitions: 2'),
      resource(
        'Subscription',
        'deliveries',
        `  topic: events\n  to: { function: deliver }\n  from: earliest\n  ${AGAIN}`,
      ),
      resource(
        'Subscription',
        'bounded',
        `  topic: events\n  to: { function: bounded }\n  from: earliest\n  retry: { attempts: ${ATTEMPTS}, backoff: constant, initial: 100ms }`,
      ),
      resource('View', 'rows', '  from: [events]\n  table: { key: "${event.data.id}", indexes: [key] }'),
      resource('View', 'counts', '  from: [events]\n  ranking: { member: "${event.data.key}", limit: 100 }'),
      resource(
        'View',
        'found',
        `  from: [events]
  search:
    id: "\${event.data.id}"
    document: { key: "\${event.data.key}", number: "\${event.data.number}" }
    fields: { key: { type: keyword }, number: { type: number } }`,
      ),
      resource(
        'Pipeline',
        'kept',
        '  from: { topic: events, start: earliest }\n  to: [{ archive: { format: jsonl, compression: none, roll: { every: 5s } } }]',
      ),
      resource('Queue', 'jobs', `  to: { function: limited }\n  concurrency: 16\n  partitions: 2\n  ${AGAIN}`),
      resource(
        'FanOut',
        'divided',
        `  split: "\${event.data.parts}"
  worker: { function: part, concurrency: 8, ${AGAIN} }
  gather: { function: gather, ${AGAIN} }
  partitions: 2
  complete: { when: all, deadline: 2h, topic: ended }`,
      ),
      fn('deliver'),
      fn('bounded'),
      fn('limited', `\n  limits: { concurrency: ${LIMIT}, maxWait: 5s }`),
      fn('part'),
      fn('gather'),
      resource(
        'Api',
        'doors',
        `  routes:
    - { match: { method: POST, path: /events }, to: { topic: events } }
    - { match: { method: POST, path: /jobs }, to: { queue: jobs } }
    - { match: { method: POST, path: /divided }, to: { fanOut: divided } }
    - { match: { method: GET, path: /rows }, to: { view: rows } }
    - { match: { method: GET, path: /counts }, to: { view: counts } }
    - { match: { method: GET, path: /found }, to: { view: found } }`,
      ),
    ].join('---\n'),
  };
}

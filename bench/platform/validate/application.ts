// Makes an application of 1,000 resources of all ten kinds in 50 files, with a
// known number of mistakes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const RESOURCES = 1000;
export const FILES = 50;

/** How many of each kind; together RESOURCES. */
const COUNTS = {
  Function: 250,
  Topic: 150,
  Api: 100,
  Aggregate: 60,
  Subscription: 150,
  Strangler: 40,
  Queue: 100,
  View: 70,
  Pipeline: 50,
  FanOut: 30,
} as const;

type Kind = keyof typeof COUNTS;

/** One resource in each of so many carries a mistake. */
const MISTAKE_EVERY = 3;

/** Writes the files; answers with the number of mistakes in them. */
export function writeApplication(directory: string, withMistakes: boolean): number {
  const documents: string[] = [];
  let mistakes = 0;
  for (const [kind, count] of Object.entries(COUNTS) as [Kind, number][]) {
    for (let index = 0; index < count; index++) {
      const wrong = withMistakes && documents.length % MISTAKE_EVERY === 0;
      const good = document(kind, index);
      documents.push(wrong ? spoil(good, mistakes) : good);
      if (wrong) mistakes++;
    }
  }
  for (let file = 0; file < FILES; file++) {
    const folder = join(directory, `team-${file % 10}`);
    mkdirSync(folder, { recursive: true });
    const mine = documents.filter((_document, index) => index % FILES === file);
    writeFileSync(join(folder, `resources-${file}.yaml`), mine.join('---\n'));
  }
  return mistakes;
}

function document(kind: Kind, index: number): string {
  return `apiVersion: tenfold.dev/v1alpha1
kind: ${kind}
metadata:
  name: ${kind.toLowerCase()}-${index}
  labels: { team: "${index % 10}" }
spec:
${specs[kind](index)}
`;
}

const fn = (index: number) => `function-${index % COUNTS.Function}`;
const topic = (index: number) => `topic-${index % COUNTS.Topic}`;

const specs: Readonly<Record<Kind, (index: number) => string>> = {
  Function: index => `  image: shop/service-${index}:1.0
  timeout: 10s
  concurrency: 50
  scale: { min: 0, max: 20 }
  limits: { concurrency: 200, rate: 500/s }`,
  Topic: index => `  partitions: 12
  retention: 7d
  key: "\${event.data.orderId}"${index % 3 > 0 ? '' : SCHEMA.replace('INDEX', String(index))}`,
  Api: index => `  basePath: /api-${index}
  rateLimit: { rate: 100/s, by: consumer }
  routes:
${[0, 1, 2, 3, 4]
  .map(
    route => `    - match: { method: [GET, POST], path: "/orders-${route}/:id", headers: { x-client: mobile } }
      to: { function: ${fn(index + route)} }
      timeout: 2s
      request: { path: "/v2/orders/\${params.id}" }`,
  )
  .join('\n')}`,
  Aggregate: index => `  timeout: 2s
  parts:
    order: { to: { function: ${fn(index)} }, path: "/orders/\${params.id}" }
    customer: { to: { function: ${fn(index + 1)} }, path: "/customers/\${order.body.customerId}" }
    reviews: { to: { url: http://reviews }, required: false, fallback: [], timeout: 300ms }
  response:
    body: { id: "\${order.body.id}", customer: "\${customer.body.name}", reviews: "\${reviews.body}" }`,
  Subscription: index => `  topic: ${topic(index)}
  to: { function: ${fn(index)} }
  filter: "\${event.type == 'OrderCreated' && event.data.total > ${index}}"
  order: key
  concurrency: 32
  retry: { attempts: 8, initial: 1s, max: 5m }`,
  Strangler: index => `  basePath: /legacy-${index}
  legacy: { url: http://legacy-${index}:8080 }
  features:
    - name: orders
      match: { path: "/orders/*" }
      to: { function: ${fn(index)} }
      phase: shadow`,
  Queue: index => `  to: { function: ${fn(index)} }
  concurrency: 4
  rate: 20/s
  maxAge: 6h`,
  View: index => `  from: [${topic(index)}, ${topic(index + 1)}]
  table:
    key: "\${event.data.id}"
    value: { id: "\${event.data.id}", author: "\${event.data.author}" }
    indexes: [author]`,
  Pipeline: index => `  from: { topic: ${topic(index)} }
  steps:
    - filter: "\${!event.data.bot${index}}"
    - window: { tumbling: 10s, by: "\${event.data.page}", aggregate: { views: count(), users: distinct(event.data.user) } }
  to: [{ function: ${fn(index)} }]`,
  FanOut: index => `  "on": { topic: ${topic(index)} }
  split: "\${event.data.renditions}"
  worker: { function: ${fn(index)}, concurrency: 8 }
  complete: { when: all, deadline: 15m }`,
};

const SCHEMA = `
  schema:
    type: object
    required: [orderId]
    properties:
      orderId: { type: string, pattern: "^[a-z0-9-]+$" }
      total: { type: number, minimum: INDEX }
      items: { type: array, items: { type: object, properties: { sku: { type: string } } } }`;

/**
 * Puts one mistake in: of the syntax of YAML, of the shape, of an expression, of a reference, of a
 * unit. Each is one problem.
 */
function spoil(good: string, number: number): string {
  const kinds: readonly [find: string | RegExp, replacement: string][] = [
    ['spec:\n', 'spec:\n  unknownField: 1\n'],
    [/function: function-\d+/, 'function: funktion-x'],
    [/\$\{event\.data/, '${evnt.data'],
    [/timeout: \d+s/, 'timeout: soon'],
    [/topic: topic-\d+/, 'topic: topik-x'],
    [/concurrency: \d+/, 'concurrency: many'],
    ['metadata:\n', 'metadata:\n  name: twice\n'],
  ];
  for (let step = 0; step < kinds.length; step++) {
    const [find, replacement] = kinds[(number + step) % kinds.length] ?? ['', ''];
    const spoiled = good.replace(find, () => replacement);
    if (spoiled !== good) return spoiled;
  }
  throw new Error('no mistake fits into the resource');
}

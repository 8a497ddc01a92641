// A small application for tests with many processes: orders go to a topic, a view counts them, a
// function notes each, a queue works jobs.

export interface ShopOptions {
  /** Of its own, so that tests can share a Kafka. */
  readonly namespace: string;
  /** Where every delivered order is written to, one line each. */
  readonly notes: string;
}

export function shopFiles({ namespace, notes }: ShopOptions, greeting = 'hello'): Record<string, string> {
  const resource = (kind: string, name: string, spec: string) =>
    `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n${spec}\n`;
  return {
    'app.yaml': [
      resource('Topic', 'orders', '  partitions: 4\n  key: "${event.data.shop}"'),
      resource('Subscription', 'notes', '  topic: orders\n  to: { function: note }\n  from: earliest'),
      resource('View', 'orders', '  from: [orders]\n  table: { key: "${event.data.id}" }'),
      resource('Queue', 'jobs', '  to: { function: work }'),
      resource(
        'Function',
        'note',
        `  source: ./note.ts\n  env: [{ name: NOTES, value: '${notes}' }]\n  permissions: { write: ['${notes}'] }`,
      ),
      resource('Function', 'work', '  source: ./work.ts'),
      resource('Function', 'hello', `  source: ./hello.ts\n  env: [{ name: GREETING, value: '${greeting}' }]`),
      resource(
        'Api',
        'shop',
        `  routes:
    - { match: { method: GET, path: /hello }, to: { function: hello } }
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /orders }, to: { view: orders } }
    - { match: { method: POST, path: /jobs }, to: { queue: jobs } }`,
      ),
    ].join('---\n'),
    'hello.ts': `import { http } from 'tenfold';
export default http({ 'GET /hello': () => ({ greeting: process.env.GREETING, pid: process.pid }) });
`,
    // A slow one, so that there is something in flight at each moment; one write for each
    // line, so that none is torn.
    'note.ts': `import { appendFileSync } from 'node:fs';
import { event } from 'tenfold';
export default event(async ({ data }) => {
  await new Promise(done => setTimeout(done, 20));
  appendFileSync(process.env.NOTES, data.shop + ' ' + data.id + '\\n');
});
`,
    'work.ts': `import { event } from 'tenfold';
export default event(async ({ data }, context) => {
  const { body } = await context.invoke('hello', { path: '/hello' });
  return { twice: data.number * 2, greeting: body.greeting };
});
`,
  };
}

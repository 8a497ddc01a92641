// An application whose Subscription parks events, and whose Queue holds jobs, until it is mended.

function resource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

export const FILES = {
  'app.yaml': [
    resource('Topic', 'orders', '{ partitions: 2, key: "${event.data.item}" }'),
    resource(
      'Subscription',
      'receipts',
      '{ topic: orders, to: { function: menu }, retry: { attempts: 9, initial: 1h, max: 1h, backoff: constant } }',
    ),
    resource('Queue', 'exports', '{ to: { function: slow }, concurrency: 1, partitions: 1 }'),
    resource('Function', 'menu', '{ source: ./menu.ts }'),
    resource('Function', 'slow', '{ source: ./slow.ts }'),
    resource('Function', 'mender', '{ source: ./mender.ts }'),
    resource(
      'Api',
      'shop',
      `
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: POST, path: /exports }, to: { queue: exports } }
    - { match: { method: PUT, path: /mended }, to: { function: mender } }`,
    ),
  ].join('---\n'),
  'menu.ts': `import { event } from 'tenfold';

export default event<{ item: string }>(async ({ data }, { cache }) => {
  if ((await cache.get('mended')) === undefined) throw new Error(data?.item.startsWith('tea') ? 'no leaves' : 'no beans');
});
`,
  'slow.ts': `import { event } from 'tenfold';

export default event(async (_event, { cache }) => {
  while ((await cache.get('mended')) === undefined) await new Promise(resolve => setTimeout(resolve, 50));
});
`,
  'mender.ts': `import { http } from 'tenfold';

export default http(async (_request, { cache }) => {
  await cache.set('mended', 'yes', { ttlMs: 3_600_000 });
});
`,
};

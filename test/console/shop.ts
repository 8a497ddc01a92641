// A small shop that breaks as shops do, and is mended by a request: for tests of the Console.
function shopResource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

const FOREVER = 'retry: { attempts: 1000, backoff: constant, initial: 1h, max: 1h }';

/** Orders of coffee break `receipts`, which gives up, and `wall`, which waits. */
export const shopFiles = {
  'app.yaml': [
    shopResource('Topic', 'orders', '{ partitions: 1, key: "${event.data.order}" }'),
    shopResource('Topic', 'printed', '{ partitions: 1 }'),
    shopResource('Subscription', 'receipts', '{ topic: orders, to: { function: printer }, retry: { attempts: 1 } }'),
    shopResource('Subscription', 'wall', `{ topic: orders, to: { function: screen }, ${FOREVER} }`),
    shopResource('Subscription', 'points', '{ topic: orders, to: { function: loyalty } }'),
    shopResource('View', 'sold', '{ from: [orders], table: { key: "${event.data.order}" } }'),
    shopResource('Function', 'printer', '{ source: ./printer.ts }'),
    shopResource('Function', 'screen', '{ source: ./screen.ts }'),
    shopResource('Function', 'loyalty', '{ source: ./loyalty.ts }'),
    shopResource('Function', 'mender', '{ source: ./mender.ts }'),
    shopResource(
      'Api',
      'shop',
      `
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /sold }, to: { view: sold } }
    - { match: { method: PUT, path: /mended }, to: { function: mender } }`,
    ),
  ].join('---\n'),
  'printer.ts': `import { event } from 'tenfold';

export default event<{ order: string; drink: string }>(async ({ data }, { cache }) => {
  if ((await cache.get('mended')) !== undefined) return;
  if (data?.drink === 'coffee') throw new RangeError(\`the printer of counter 2 has no paper for order \${data.order}\`);
  if (data?.drink === 'cocoa') throw new TypeError('no price for cocoa');
});
`,
  'screen.ts': `import { event } from 'tenfold';

export default event<{ order: string; drink: string }>(async ({ data }, { cache }) => {
  if ((await cache.get('mended')) === undefined && data?.drink === 'coffee') throw new Error('the screen of table 7 does not answer');
});
`,
  'loyalty.ts': `import { event } from 'tenfold';

export default event(() => {});
`,
  'mender.ts': `import { http } from 'tenfold';

export default http(async (_request, { cache }) => {
  await cache.set('mended', 'yes', { ttlMs: 3_600_000 });
});
`,
};

// A workshop that divides work, queues it and keeps count of it: for tests of the pages of single
// kinds.
function toolResource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

export const divisionFiles = {
  'app.yaml': [
    toolResource(
      'FanOut',
      'prints',
      '{ split: "${event.data.pages}", worker: { function: press, retry: { attempts: 1 } } }',
    ),
    toolResource(
      'Queue',
      'letters',
      '{ to: { function: press }, retry: { attempts: 1000, backoff: constant, initial: 1h, max: 1h } }',
    ),
    toolResource('Queue', 'notes', '{ to: { function: press }, retry: { attempts: 1 } }'),
    toolResource(
      'Queue',
      'proofs',
      `
  to: { function: press }
  schedules:
    - { name: nightly, cron: "30 2 * * *", timeZone: Europe/Berlin, data: { page: 1 }, overlap: skip }
    - { name: by-hand, cron: "@yearly", paused: true, data: { page: 2 } }`,
    ),
    toolResource(
      'Topic',
      'memos',
      `
  schema: { type: object, required: [text] }
  schedules: [{ name: weekly, cron: "@weekly", data: { page: 1 } }]`,
    ),
    toolResource('Function', 'press', '{ source: ./press.ts, scale: { min: 1, max: 1 } }'),
    toolResource(
      'Api',
      'office',
      `
  routes:
    - { match: { method: POST, path: /prints }, to: { fanOut: prints } }
    - { match: { method: POST, path: /letters }, to: { queue: letters } }
    - { match: { method: POST, path: /notes }, to: { queue: notes } }
    - { match: { method: PUT, path: /mended }, to: { function: mender } }`,
    ),
    toolResource('Function', 'mender', '{ source: ./mender.ts }'),
  ].join('---\n'),
  'press.ts': `import { event } from 'tenfold';

export default event<{ page: number }>(async ({ data }, { cache }) => {
  if ((await cache.get('mended')) === undefined && data?.page !== undefined && data.page % 7 === 3)
    throw new RangeError(\`the plate of page \${data.page} is bent\`);
});
`,
  'mender.ts': `import { http } from 'tenfold';

export default http(async (_request, { cache }) => {
  await cache.set('mended', 'yes', { ttlMs: 3_600_000 });
});
`,
};

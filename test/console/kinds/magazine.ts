// A magazine that counts its readers: for tests of the pages of Views, Pipelines, Functions and
// Apis.
import { createHash } from 'node:crypto';

function magazineResource(kind: string, name: string, spec: string): string {
  return `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
}

/** Of somebody who may write letters to the office. */
export const OFFICE_KEY = 'the-key-of-a-writer';

export const magazineFiles = {
  '.tenfold/secrets/default/writers.json': JSON.stringify({
    ada: createHash('sha256').update(OFFICE_KEY).digest('hex'),
  }),
  'app.yaml': [
    magazineResource('Topic', 'clicks', '{ partitions: 1, key: "${event.data.user}" }'),
    magazineResource(
      'View',
      'readers',
      '{ from: [clicks], table: { key: "${event.data.user}", indexes: [[page, user]] } }',
    ),
    magazineResource(
      'View',
      'found',
      `
  from: [clicks]
  search:
    id: "\${event.data.user}"
    document: { user: "\${event.data.user}", page: "\${event.data.page}" }
    fields: { user: { type: keyword }, page: { type: keyword } }`,
    ),
    magazineResource(
      'Pipeline',
      'pages',
      `
  from: { topic: clicks, start: earliest }
  steps:
    - filter: "\${!has(event.data.bot)}"
    - window: { tumbling: 7d, by: "\${event.data.page}", aggregate: { clicks: count() }, emit: changes }
  to: [{ view: counted }]`,
    ),
    magazineResource('View', 'counted', '{ table: { key: "${event.data.key}" } }'),
    magazineResource('Function', 'articles', '{ source: ./articles.ts }'),
    magazineResource('Function', 'desk', '{ source: ./desk.ts }'),
    magazineResource(
      'Api',
      'magazine',
      `
  routes:
    - { match: { method: POST, path: /clicks }, to: { topic: clicks } }
    - { match: { method: GET, path: /articles/:id, headers: { x-edition: print } }, to: { url: "http://127.0.0.1:9" } }
    - { match: { method: GET, path: /articles/:id }, to: { function: articles } }
    - { match: { method: GET, path: /editions/:id }, to: { aggregate: edition } }
    - { match: { method: GET, path: /readers }, to: { view: readers } }`,
    ),
    magazineResource(
      'Aggregate',
      'edition',
      `
  parts:
    story: { to: { function: articles }, path: "/articles/\${params.id}" }
    picture: { to: { function: articles }, path: "/pictures/\${story.body.id}" }
    ads: { to: { function: desk }, path: /slow, timeout: 1s, required: false, fallback: [] }
    reprint: { to: { function: articles }, path: /articles/1, when: "\${story.body.id == 'none'}" }
  response: { body: { story: "\${story.body}", picture: "\${picture.body}", ads: "\${ads.body}" } }`,
    ),
    magazineResource(
      'Api',
      'office',
      `
  auth: { apiKey: { secret: writers } }
  routes:
    - match: { method: POST, path: /letters/:id, headers: { x-from: { present: true } } }
      summary: Takes a letter.
      to: { function: desk }
      request:
        schema:
          type: object
          required: [words]
          properties: { words: { type: integer, minimum: 12 }, tone: { enum: [kind, stern] } }`,
    ),
  ].join('---\n'),
  'articles.ts': `import { http } from 'tenfold';

export default http({
  'GET /articles/:id': ({ params }) => ({ id: params.id }),
  'GET /pictures/:id': ({ params }) => ({ of: params.id }),
});
`,
  'desk.ts': `import { http } from 'tenfold';

export default http({
  'POST /letters/:id': async (request, { logger }) => {
    const letter = await request.json();
    logger.info('a letter came in', { id: request.params.id, letter });
    return { id: request.params.id, from: request.headers['x-from'], letter };
  },
  'GET /slow': () => new Promise(() => {}),
  'GET /lost': () => {
    throw new RangeError('the drawer of lost letters is empty');
  },
});
`,
};

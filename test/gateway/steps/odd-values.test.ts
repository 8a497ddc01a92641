// Whatever a client sends where expressions read it: it is taken, not set, or refused as its
// mistake; never a failure of ours or of a service.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evaluateIfSet } from '../../../core/cel/optional.ts';
import { compileTemplate } from '../../../core/cel/template.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { aggregateScope } from '../../../resources/references/scopes.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

/** Expressions over a query parameter that many texts do not fit. */
const EXPRESSIONS = [
  'int(request.query.num)',
  '100 / int(request.query.num)',
  'timestamp(request.query.num).getFullYear()',
  "request.query.num.split('-')[2]",
  "request.query.num == 'on' || int(request.query.num) > 3",
];

const partOf = (name: string, origin: string, member: string) => `    ${name}: { to: { url: "${origin}" }, ${member} }`;

const yaml = (origin: string, e: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec:
  parts:
${[
  partOf('path', origin, `path: "/a/\${${e}}"`),
  partOf('query', origin, `path: "/a?q=\${${e}}"`),
  partOf('header', origin, `headers: { x-n: "\${${e}}" }`),
  partOf('body', origin, `method: POST, body: { num: "\${${e}}" }`),
  partOf('chosen', origin, `when: "\${string(${e}) == '4'}"`),
  partOf(
    'mixed',
    origin,
    `path: "/a?q=\${path.status}-\${${e}}", body: "\${string(path.status) + string(${e})}", method: POST`,
  ),
].join('\n')}
  response:
    headers: { x-n: "\${${e}}" }
    body: { num: "\${${e}}", mixed: "\${string(path.status) + string(${e})}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /path }, to: { url: "${origin}" }, request: { path: "/\${${e}}" } }
    - { match: { path: /query }, to: { url: "${origin}" }, request: { path: "/?q=\${${e}}" } }
    - { match: { path: /host }, to: { url: "${origin}" }, request: { host: "\${${e}}" } }
    - { match: { path: /set }, to: { url: "${origin}" }, request: { headers: { set: { x-n: "\${${e}}" } } } }
    - { match: { path: /answer }, to: { url: "${origin}" }, response: { headers: { set: { x-n: "\${${e}}" } } } }
    - { match: { path: /limited }, to: { url: "${origin}" }, rateLimit: { rate: 1000/s, by: "\${${e}}" } }
    - { match: { path: /page }, to: { aggregate: page } }
`;
const PATHS = ['/path', '/query', '/host', '/set', '/answer', '/limited', '/page'];

describe('what a client sends where expressions read it', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  before(async () => {
    upstream = await startUpstream();
  });
  after(() => upstream.close());

  for (const expression of EXPRESSIONS) {
    it(`is its own mistake at most: ${expression}`, async () => {
      const listener = await serveYaml(yaml(upstream.origin, expression));
      try {
        const texts = fc.option(
          fc.oneof(fc.string({ maxLength: 20 }), fc.integer().map(String), fc.constantFrom('0', '4')),
        );
        await fc.assert(
          fc.asyncProperty(fc.constantFrom(...PATHS), texts, async (path, text) => {
            const query = text === null ? '' : `?num=${encodeURIComponent(text)}`;
            const answer = await fetch(`${listener.address}${path}${query}`);
            const said = await answer.text();
            assert.ok([200, 400].includes(answer.status), `${path}${query}: ${answer.status} ${said}`);
          }),
          { numRuns: 150 },
        );
        const answer = await fetch(`${listener.address}/page?num=letters`);
        assert.equal(answer.status, 400);
        assert.ok(!(await answer.text()).includes('letters'));
      } finally {
        await listener.close();
      }
    });
  }

  it('is told from what an answer of a part lacks', () => {
    const variables = { one: { status: 200, headers: {}, body: {} }, request: { query: { num: 'x' } } };
    const codeOf = (text: string) => {
      try {
        return evaluateIfSet(compileTemplate(text, aggregateScope(['one'])), variables);
      } catch (error) {
        return error instanceof TenfoldError ? error.code : error;
      }
    };
    assert.equal(codeOf('${one.body.id}'), 'expression-failed');
    assert.equal(codeOf('${one.body.id + request.query.num}'), 'expression-failed');
    assert.equal(codeOf('${string(one.status) + string(int(request.query.num))}'), 'invalid-input');
    assert.equal(codeOf('${string(one.status) + request.query.m}'), undefined);
  });
});

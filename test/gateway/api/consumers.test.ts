// Routes for certain consumers, and what everybody else gets instead.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const fn = (name: string) =>
  `---\napiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: ${name} }\nspec: { source: ./${name}.ts }\n`;
const yaml = `${fn('special')}${fn('ordinary')}${fn('partners')}---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth: { apiKey: { secret: keys }, optional: true }
  routes:
    - { match: { path: '/orders/:order', consumers: [acme] }, to: { function: special } }
    - { match: { path: '/orders/:id' }, to: { function: ordinary }, request: { path: '/ordinary/\${params.id}' } }
    - { match: { path: /only, consumers: [acme, umbrella] }, to: { function: partners } }
`;

describe('routes for consumers', () => {
  let upstreams: Awaited<ReturnType<typeof startUpstream>>[] = [];
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  const call = async (path: string, key?: string) => {
    const answer = await fetch(listener.address + path, { headers: key === undefined ? {} : { 'x-api-key': key } });
    return { status: answer.status, text: await answer.text() };
  };

  before(async () => {
    const named = (name: string) => startUpstream((request, response) => response.end(`${name} ${request.url}`));
    upstreams = await Promise.all(['special', 'ordinary', 'partners'].map(named));
    const [special, ordinary, partners] = upstreams.map(({ origin }) => origin);
    listener = await serveYaml(yaml, {
      functions: { special: special!, ordinary: ordinary!, partners: partners! },
      secrets: () => ({ acme: sha256('key of acme'), umbrella: sha256('key of umbrella') }),
    });
  });
  after(async () => {
    await listener.close();
    for (const upstream of upstreams) await upstream.close();
  });

  const answers: Record<string, [string, string | undefined, number, RegExp]> = {
    'the consumer gets its own route': ['/orders/7', 'key of acme', 200, /^special \/orders\/7$/],
    'another consumer gets the route for all, with its parameters': [
      '/orders/7',
      'key of umbrella',
      200,
      /^ordinary \/ordinary\/7$/,
    ],
    'the anonymous get the route for all': ['/orders/7', undefined, 200, /^ordinary \/ordinary\/7$/],
    'a wrong key gets neither': ['/orders/7', 'no key', 401, /problem|Credentials/],
    'one of several consumers gets in': ['/only', 'key of umbrella', 200, /^partners/],
    'who is none of them finds nothing': ['/only', undefined, 404, /No route matches/],
  };
  for (const [name, [path, key, status, text]] of Object.entries(answers)) {
    it(name, async () => {
      const answer = await call(path, key);
      assert.equal(answer.status, status);
      assert.match(answer.text, text);
    });
  }

  it('are logged as the route that answered', async () => {
    listener.answered.splice(0);
    await call('/orders/7');
    await eventually(() => listener.answered.length === 1, 'the answer is reported');
    assert.equal(listener.answered[0]?.route?.path, '/orders/:id');
    assert.equal(listener.answered[0]?.route?.target, 'function ordinary');
  });
});

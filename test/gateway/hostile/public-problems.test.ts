// What a stranger reads when something behind the gateway fails: no name of a host, function,
// resource or expression. The log of the operator has them.
import assert from 'node:assert/strict';
import { causeInWords } from '../../../gateway/exchange/reason-of.ts';
import { eventually } from '../../eventually.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';

const yaml = (origin: string) =>
  `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { path: /refused }, to: { url: "http://127.0.0.1:1/secret-path" } }
    - { match: { path: /unknown }, to: { url: "http://db-3.secret.invalid" } }
    - { match: { path: /forbidden }, to: { url: "http://169.254.169.254/latest" } }
    - { match: { path: /hang-up }, to: { url: "${origin}/hang-up" } }
    - { match: { path: /function }, to: { function: secret-orders } }
    - match: { path: /breaker }
      to: { function: secret-orders }
      circuitBreaker: { minimum: 1, errorRate: 1% }
    - match: { path: /expression }
      to: { url: "${origin}" }
      auth: { allow: "\${int(request.headers['x-secret']) > 1}" }
    - match: { path: /template }
      to: { url: "${origin}" }
      request: { headers: { set: { x-a: "\${string(int(request.query.secret))}" } } }
    - { match: { path: /aggregate }, to: { aggregate: secret-page } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: secret-page }
spec:
  parts: { secret-part: { to: { function: secret-orders }, path: / } }
  response: { body: "\${parts['secret-part'].body}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: secret-orders }
spec: { source: ./orders.ts }
`
    .replace("${parts['secret-part'].body}", '${partOf.body}')
    .replaceAll('secret-part', 'partOf');

const paths = [
  '/refused',
  '/unknown',
  '/forbidden',
  '/hang-up',
  '/function',
  '/breaker',
  '/breaker',
  '/expression?secret=x',
];
paths.push('/template?secret=x', '/aggregate');

describe('problems that strangers read', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let listener: Awaited<ReturnType<typeof serveYaml>>;
  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url?.startsWith('/hang-up')) request.socket.destroy();
      else response.end();
    });
    listener = await serveYaml(yaml(upstream.origin), { functions: { 'secret-orders': 'http://127.0.0.1:1' } });
  });
  after(async () => {
    await listener.close();
    await upstream.close();
  });

  for (const [index, path] of paths.entries()) {
    it(`${index + 1}: ${path} names nothing that stands behind the gateway`, async () => {
      const answer = await fetch(listener.address + path, { headers: { 'x-secret': 'y' } });
      const text = await answer.text();
      assert.ok(answer.status >= 400, text);
      assert.doesNotMatch(text, /127\.0\.0|169\.254|secret|\.invalid\b|orders|int\(|request\./i);
      assert.equal(JSON.parse(text).status, answer.status);
    });
  }

  it('the line of the log says what the client was not told', async () => {
    await fetch(`${listener.address}/unknown`);
    await eventually(
      () =>
        listener.answered.some(({ failure }) => causeInWords(failure).includes('db-3.secret.invalid has a host name')),
      'the cause is reported',
    );
  });
});

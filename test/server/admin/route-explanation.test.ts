// What is told about the route of a request, as somebody asks for it by text.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { toExplanation } from '../../../server/admin/route-explanation.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';

const { resources, problems } = loadText(
  'app.yaml',
  `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - { match: { path: '/orders/:id', method: GET, cookies: { sid: '7' } }, to: { url: 'http://beta.example' } }
    - { match: { path: '/orders/:id', method: GET }, to: { url: 'http://orders.example' } }
    - { match: { path: /only, hosts: [shop.example] }, to: { url: 'http://orders.example' } }
`,
);
assert.deepEqual(problems, []);
const { plan } = compilePlan(createResourceSet(resources), createFakeEnvironment(), createPlanStateStore().begin());
const explain = (method: string, path: string, more: { host?: string; headers?: [string, string][] } = {}) =>
  toExplanation(plan, 'http://127.0.0.1:8080', { method, path, headers: [], ...more });

describe('toExplanation', () => {
  it('tells each candidate as a route, with what was checked', () => {
    const { request, candidates, refusal } = explain('GET', '/shop/orders/17?full=1', {
      headers: [['Cookie', 'sid=8']],
    });
    assert.deepEqual(request, { method: 'GET', host: '127.0.0.1', path: '/shop/orders/17', query: '?full=1' });
    assert.equal(refusal, undefined);
    const of = { kind: 'Api', namespace: 'default', name: 'shop', methods: ['GET'], host: undefined };
    const route = { ...of, listeners: ['public'] };
    assert.deepEqual(candidates, [
      {
        ...route,
        path: '/shop/orders/:id',
        conditions: ['cookie sid is "7"'],
        target: 'url beta.example',
        verdict: 'passed-over',
        checks: [{ says: 'cookie sid is "7"', holds: false }],
        behind: undefined,
        params: { id: '17' },
      },
      {
        ...route,
        path: '/shop/orders/:id',
        conditions: [],
        target: 'url orders.example',
        verdict: 'takes',
        checks: [],
        behind: 'conditions',
        params: { id: '17' },
      },
    ]);
  });

  it('asks the host that is named, and else that of the public listener', () => {
    assert.equal(explain('GET', '/shop/only', { host: 'Shop.Example:8080' }).refusal, undefined);
    assert.equal(explain('GET', '/shop/only').refusal?.status, 404);
  });

  it('reads names of headers as the endpoint does, in any spelling of case', () => {
    const { candidates } = explain('GET', '/shop/orders/17', { headers: [['COOKIE', 'sid=7']] });
    assert.equal(candidates[0]?.verdict, 'takes');
  });

  it('names the methods that there are', () => {
    const { refusal } = explain('POST', '/shop/orders/17');
    assert.deepEqual(refusal, {
      status: 405,
      code: 'method-not-allowed',
      message: '/shop/orders/17 takes GET, HEAD, not POST.',
      allowed: ['GET', 'HEAD'],
    });
  });

  const refused: Record<string, [string, { host?: string; headers?: [string, string][] }, RegExp]> = {
    'a path with dots': ['/shop/../admin', {}, /\. or \.\. segment/],
    'a query with a control character': ['/shop?a=\u0001', {}, /must be percent-encoded/],
    'a host that is none': ['/shop', { host: 'a b' }, /Host field/],
    'a second host': ['/shop', { headers: [['host', 'evil.example']] }, /more than one Host/],
  };
  for (const [name, [path, more, message]] of Object.entries(refused)) {
    it(`tells that the endpoint refuses ${name}, whatever the routes`, () => {
      const { candidates, refusal } = explain('GET', path, more);
      assert.deepEqual(candidates, []);
      assert.deepEqual([refusal?.status, refusal?.code], [400, 'bad-request']);
      assert.match(refusal?.message ?? '', message);
    });
  }
});

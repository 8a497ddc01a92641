// From resources to a plan: which route takes a request, under which limits, and what is refused.
import assert from 'node:assert/strict';
import { compilePlan } from '../../../gateway/compile/compile.ts';
import type { Plan } from '../../../gateway/plan/plan.ts';
import { createPlanStateStore } from '../../../gateway/plan/plan-state.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createFakeEnvironment } from '../../fakes/plan-context.ts';
import { headOf } from '../routing/head-of.ts';

function compile(yaml: string) {
  const { resources, problems } = loadText('app.yaml', yaml);
  assert.deepEqual(problems, []);
  return compilePlan(createResourceSet(resources), createFakeEnvironment(), createPlanStateStore().begin());
}

const api = (routes: string, more = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
${more}
  routes:
${routes}`;

const orders = `
---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { source: ./orders.ts, timeout: 3s }
`;

const found = (plan: Plan, method: string, path: string, host = 'any.example') =>
  plan.find(headOf(method, path, host))?.route.path;

describe('compilePlan', () => {
  const { plan } = compile(
    api(`
    - { match: { path: /orders, method: GET }, to: { function: orders }, timeout: 9s }
    - { match: { path: /orders/:id, method: [GET, DELETE] }, to: { function: orders }, timeout: 1s }
    - { match: { path: /orders/new }, to: { function: orders } }
    - { match: { path: /files/* }, to: { url: 'http://files.example:9000/base/' } }
    - { match: { path: /caf%C3%A9 }, to: { function: orders } }
    - { match: { path: /only, hosts: ['*.shop.example', shop.example] }, to: { function: orders } }`) + orders,
  );

  const requests: Record<string, [string, string, string, string | undefined]> = {
    'a literal path': ['GET', '/shop/orders', 'a.example', '/shop/orders'],
    'HEAD by the route of GET': ['HEAD', '/shop/orders', 'a.example', '/shop/orders'],
    'a parameter': ['DELETE', '/shop/orders/42', 'a.example', '/shop/orders/:id'],
    'a literal part before a parameter': ['GET', '/shop/orders/new', 'a.example', '/shop/orders/new'],
    'the rest of a path': ['PUT', '/shop/files/a/b/c', 'a.example', '/shop/files/*'],
    'an encoded literal': ['GET', '/shop/caf%C3%A9', 'a.example', '/shop/caf%C3%A9'],
    'a host': ['GET', '/shop/only', 'shop.example', '/shop/only'],
    'a host one level below': ['GET', '/shop/only', 'eu.shop.example', '/shop/only'],
    'no host two levels below': ['GET', '/shop/only', 'a.eu.shop.example', undefined],
    'no other host': ['GET', '/shop/only', 'evil-shop.example', undefined],
    'no other method': ['POST', '/shop/orders', 'a.example', undefined],
    'nothing outside the base path': ['GET', '/orders', 'a.example', undefined],
    'no trailing slash by itself': ['GET', '/shop/orders/', 'a.example', undefined],
    'no other case': ['GET', '/shop/Orders', 'a.example', undefined],
  };
  for (const [name, [method, path, host, expected]] of Object.entries(requests)) {
    it(`matches ${name}`, () => assert.equal(found(plan, method, path, host), expected));
  }

  it('decodes parameters once', () => {
    assert.equal(plan.find(headOf('GET', '/shop/orders/a%2Fb%2520c', 'a.example'))?.params.id, 'a/b%20c');
  });

  it('takes the shorter of the route’s and the function’s timeout', () => {
    const timeouts = Object.fromEntries(plan.routes.map(({ path, timeoutMs }) => [path, timeoutMs]));
    assert.equal(timeouts['/shop/orders'], 3000);
    assert.equal(timeouts['/shop/orders/:id'], 1000);
  });

  it('names targets without anything secret', () => {
    assert.deepEqual(
      new Set(plan.routes.map(({ target }) => target)),
      new Set(['function orders', 'url files.example:9000']),
    );
  });

  it('mounts an Api without a base path at the root', () => {
    const bare = compile(
      api('    - { match: { path: /orders }, to: { function: orders } }').replace('  basePath: /shop\n', '') + orders,
    );
    assert.equal(found(bare.plan, 'GET', '/orders'), '/orders');
  });
});

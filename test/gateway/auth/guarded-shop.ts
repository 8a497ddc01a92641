// An Api that demands tokens, with a real issuer and a server behind it, for tests.
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { serveYaml } from '../serve-yaml.ts';
import { startIssuer, type TestIssuer } from './test-issuer.ts';

/** In seconds, as tokens have it. */
export const now = () => Math.floor(Date.now() / 1000);

export interface GuardedShop {
  issuer: TestIssuer;
  upstream: Awaited<ReturnType<typeof startUpstream>>;
  served: Awaited<ReturnType<typeof serveYaml>>;
  /** Its resources, with more lines in `auth.jwt` and in `auth`. */
  yaml(jwt?: string, more?: string): string;
  /** Takes the place of what is served. */
  serve(text: string): Promise<void>;
  call(token: string | undefined, path?: string, headers?: Record<string, string>): Promise<Response>;
}

/** To be called in `describe`: each test has an issuer, a shop and a server of its own. */
export function guardedShop(): GuardedShop {
  const yaml = (issuer: string, jwt = '', more = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: orders }
spec: { url: http://orders.example }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  auth:
    jwt:
      issuer: ${issuer}
      audience: [shop, other]
      forward: { x-user: sub, x-roles: roles, x-name: name }
${jwt}
${more}
  routes:
    - match: { path: /orders }
      to: { function: orders }
    - match: { path: /open }
      to: { function: orders }
      auth: { required: false }
    - match: { path: /admin }
      to: { function: orders }
      auth: { allow: "\${claims.role == 'admin'}" }
`;
  const shop = {
    yaml: (jwt?: string, more?: string) => yaml(shop.issuer.url, jwt, more),
    async serve(text: string) {
      await shop.served?.close();
      shop.served = await serveYaml(text, { functions: { orders: shop.upstream.origin } });
    },
    call: (token: string | undefined, path = '/orders', headers: Record<string, string> = {}) =>
      fetch(shop.served.address + path, {
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      }),
  } as GuardedShop;
  beforeEach(async () => {
    shop.issuer = await startIssuer();
    shop.upstream = await startUpstream();
    await shop.serve(shop.yaml());
  });
  afterEach(async () => {
    await shop.served.close();
    await shop.upstream.close();
    await shop.issuer.close();
  });
  return shop;
}

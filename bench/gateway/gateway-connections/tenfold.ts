// Our gateway in front of one url, by a route for each way to use its connections: /shop/safe,
// /shop/always, /shop/never.
import { compile, measured, resourcesOf, serve } from '../../measure/served.ts';

const { UPSTREAM = '' } = process.env;
const routes = ['safe', 'always', 'never'].map(
  reuse =>
    `    - match: { path: /${reuse} }\n      to: { url: '${UPSTREAM}' }\n      connections: { reuse: ${reuse} }\n`,
);
const { plan } = compile(
  resourcesOf(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
${routes.join('')}`),
);
await serve(plan, measured());

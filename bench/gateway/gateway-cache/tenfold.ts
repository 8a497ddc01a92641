// Our gateway with one cached route, served as the platform serves it, metrics included.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compile, measured, resourcesOf, serve } from '../../measure/served.ts';

const body = JSON.stringify({ menu: Array.from({ length: 8 }, (_, id) => ({ id, name: 'V60', price: 450 })) });
const upstream = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', etag: '"menu-1"', 'cache-control': 'max-age=3600' });
  response.end(body);
});
await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
const resources = resourcesOf(`
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes:
    - match: { path: /menu, method: GET }
      to: { url: 'http://127.0.0.1:${(upstream.address() as AddressInfo).port}' }
      cache: { ttl: 1h }
    - { match: { path: /menu/:id, method: GET }, to: { url: 'http://127.0.0.1:1' } }
`);
const { plan } = compile(resources);
await serve(plan, process.env['METRICS'] === 'off' ? () => {} : measured());

// The OpenAPI document of an Api on the admin port: there for every Api,
// whether clients get it or not.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadText } from '../../resources/load/load-text.ts';
import { announceAdmin } from '../fakes/admin-server.ts';
import { fakeView } from '../fakes/platform-view.ts';

const { resources } = loadText(
  'app.yaml',
  `apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  basePath: /shop
  routes: [{ match: { path: /orders, method: GET }, to: { url: 'http://orders.example' } }]
`,
);

describe('GET /api/apis/:namespace/:name/openapi.json', () => {
  let folder: string;
  let ask: (path: string) => Promise<Response>;
  let close: () => void;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.openapi-'));
    const admin = await announceAdmin(fakeView({ resources }), folder);
    ask = path => fetch(admin.url + path, { headers: { authorization: `Bearer ${admin.token}` } });
    close = admin.close;
  });
  after(async () => {
    close();
    await rm(folder, { recursive: true, force: true });
  });

  it('answers with the document of an Api that does not serve it to clients', async () => {
    const answer = await ask('/api/apis/default/shop/openapi.json');
    assert.equal(answer.status, 200);
    const document = (await answer.json()) as { openapi: string; paths: object };
    assert.equal(document.openapi, '3.1.0');
    assert.deepEqual(Object.keys(document.paths), ['/orders']);
    assert.ok(!JSON.stringify(document).includes('orders.example'), 'it does not show what stands behind');
  });

  it('answers 404 for an Api that is not there', async () => {
    const answer = await ask('/api/apis/default/nothing/openapi.json');
    assert.equal(answer.status, 404);
  });
});

// What the admin port tells is about all namespaces: no resource gets at it
// by a url that leads there.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

const APP = (admin: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: spy }
spec:
  url: ${admin}
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: spy }
spec:
  routes:
    - match: { path: /by-function }
      to: { function: spy }
      request: { path: "/\${request.query.path}" }
    - match: { path: /by-url }
      to: { url: ${admin} }
      request: { path: "/\${request.query.path}" }
`;

describe('The admin port', () => {
  const ports = { public: 0, internal: 0, admin: 0 };
  const platforms: Platform[] = [];
  const start = async (app: string) => {
    const directory = tempFolder({ 'app.yaml': app });
    const platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    platforms.push(platform);
    return platform;
  };
  after(async () => {
    for (const platform of platforms) await platform.close(0);
    removeTempFolders();
  });

  it('shows nothing to who asks by a url of a resource, and all of it to who asks directly', async () => {
    const other = await start('');
    const { admin } = other.addresses;
    const { addresses, view } = await start(APP(admin));
    assert.deepEqual(view.catalog.problems, []);
    for (const way of ['by-function', 'by-url'])
      for (const path of ['metrics', 'readyz', 'api/info']) {
        const answer = await fetch(`${addresses.public}/${way}?path=${path}`);
        const text = await answer.text();
        assert.equal(answer.status, 403, `${way} ${path}: ${text}`);
        assert.match(text, /no \\"url\\" of a resource leads to/);
      }
    assert.equal((await fetch(`${admin}/metrics`)).status, 200);
  });
});

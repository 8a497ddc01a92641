// A change is said to be live once its consumers have begun: what is published from then on
// reaches them, though they begin at the end of their topic.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const TOPIC = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec: { routes: [{ match: { method: POST, path: /orders }, to: { topic: orders } }] }
`;
const SUBSCRIPTION = `---
apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: wall }
spec: { source: ./wall.ts, permissions: { write: [./wall.txt] } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: wall }
spec: { topic: orders, to: { function: wall } }
`;
const WALL = `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { event } from 'tenfold';
export default event<{ id: string }>(({ data }) => {
  appendFileSync(join(import.meta.dirname, 'wall.txt'), data.id + '\\n');
});
`;

describe('a change that is said to be live', () => {
  let platform: Platform | undefined;
  afterEach(async () => {
    await platform?.close(0);
    removeTempFolders();
  });

  it('gives a new Subscription what is published from then on, all of it', async () => {
    const folder = tempFolder({ 'app.yaml': TOPIC, 'wall.ts': WALL });
    const live = Promise.withResolvers<void>();
    platform = await startPlatform({
      directory: folder,
      watch: true,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: { accepted: ({ generation }) => generation > 1 && live.resolve() },
    });
    const publish = async (id: string) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ id });
      const { status } = await fetch(`${platform?.addresses.public}/orders`, { method: 'POST', headers, body });
      assert.equal(status, 204);
    };
    await publish('before');
    writeFileSync(join(folder, 'app.yaml'), TOPIC + SUBSCRIPTION);
    await live.promise;
    const ids = Array.from({ length: 10 }, (_, index) => `order-${index}`);
    for (const id of ids) await publish(id);
    const file = join(folder, 'wall.txt');
    const wall = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    await eventually(
      () => wall().includes('order-9'),
      () => `the last order is there, beside ${wall().join()}`,
    );
    await eventually(
      () => wall().length >= ids.length,
      () => `all are there, beside ${wall().join()}`,
    );
    assert.deepEqual(wall().sort(), ids);
  });
});

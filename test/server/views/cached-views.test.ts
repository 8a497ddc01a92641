// Views with kept answers over a whole platform: what is asked by its key is never older than what
// was folded; lists are, as long as they may.
import assert from 'node:assert/strict';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec:
  from: [orders]
  table: { key: "\${event.data.id}", indexes: [who] }
  query: { cache: { ttl: 1h } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  routes:
    - { match: { method: POST, path: /orders }, to: { topic: orders } }
    - { match: { method: GET, path: /orders }, to: { view: orders } }
`;

describe('views with kept answers on a platform', () => {
  let platform: Platform;

  before(async () => {
    const ports = { public: 0, internal: 0, admin: 0 };
    const directory = tempFolder({ 'app.yaml': APP });
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
  });
  after(async () => {
    await platform.close(1000);
    removeTempFolders();
  });

  const publish = async (data: object) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(data);
    const answer = await fetch(`${platform.addresses.public}/orders`, { method: 'POST', headers, body });
    assert.equal(answer.status, 204);
    return answer.headers.get('tenfold-position') ?? '';
  };
  const ask = async (query: string) => {
    const answer = await fetch(`${platform.addresses.public}/orders?${query}`);
    return { body: JSON.stringify(await answer.json()), asOf: answer.headers.get('tenfold-as-of') };
  };

  it('drop what a fold has changed, keep lists, and make both anew for who has waited', async () => {
    await ask(`key=a&after=${await publish({ id: 'a', who: 'ada', n: 1 })}`);
    const list = 'index=who&value=ada';
    const first = await ask(list);
    assert.equal((await ask('key=a')).body, '{"id":"a","who":"ada","n":1}');
    const position = await publish({ id: 'a', who: 'ada', n: 2 });
    await eventually(async () => /"n":2/.test((await ask('key=a')).body), 'the row is the new one');
    assert.deepEqual(await ask(list), first);
    assert.match((await ask(`${list}&after=${position}`)).body, /"n":2/);
    assert.match((await ask(list)).body, /"n":2/);
  });
});

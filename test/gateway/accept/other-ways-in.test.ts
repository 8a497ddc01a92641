// Topics and queues behind aggregates and GraphQL, as behind routes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const head = 'apiVersion: tenfold.dev/v1alpha1\nkind:';
const RESOURCES = `${head} Topic
metadata: { name: orders }
spec: {}
---
${head} Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
---
${head} Aggregate
metadata: { name: order }
spec:
  parts:
    event: { to: { topic: orders }, method: POST, body: { id: "\${params.id}" } }
    job: { to: { queue: imports }, method: POST, body: { id: "\${params.id}" } }
  response: { status: 202, body: { job: "\${job.body.id}", accepted: "\${event.status == 204}" } }
---
${head} Api
metadata: { name: shop }
spec:
  graphql:
    schema: ./shop.graphql
    resolvers:
      Mutation.order: { to: { queue: imports }, method: POST, path: /, body: { id: "\${args.id}" } }
  routes:
    - match: { method: POST, path: "/orders/:id" }
      to: { aggregate: order }
    - match: { method: POST, path: /split }
      to: [{ queue: imports, weight: 1 }, { topic: orders, weight: 0 }]
`;

describe('topics and queues behind other things', () => {
  const log = createFakeLog();
  let folder: string;
  let served: Served;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-ways-'));
    writeFileSync(
      join(folder, 'shop.graphql'),
      'type Job { id: ID! state: String! }\ntype Query { a: Int }\ntype Mutation { order(id: ID!): Job }\n',
    );
    served = await serveEndpoints(RESOURCES, log, {}, undefined, join(folder, 'app.yaml'));
  });
  after(async () => {
    await served.close();
    rmSync(folder, { recursive: true });
  });
  const post = (path: string, body: string) =>
    fetch(served.public + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const jobs = () => log.recordsOf('queue.default.imports');

  it('are parts of an aggregate', async () => {
    const answer = await post('/orders/7', '{}');
    assert.equal(answer.status, 202);
    const { job, accepted } = (await answer.json()) as { job: string; accepted: boolean };
    assert.equal(accepted, true);
    assert.deepEqual(fromRecord(log.recordsOf('default.orders').at(-1)!).data, { id: '7' });
    assert.equal((await served.ask(`/queues/imports/${job}`)).status, 200);
  });

  it('resolve a field of GraphQL', async () => {
    const answer = await post('/graphql', JSON.stringify({ query: 'mutation { order(id: "9") { id state } }' }));
    const { data } = (await answer.json()) as { data: { order: { id: string; state: string } } };
    assert.equal(data.order.state, 'queued');
    assert.deepEqual(fromRecord(jobs().at(-1)!).data, { id: '9' });
  });

  it('are among the targets of a split, with their jobs below the route', async () => {
    const answer = await post('/split', '{}');
    const location = answer.headers.get('location') ?? '';
    assert.match(location, /^\/split\/0-/);
    assert.equal((await fetch(served.public + location)).status, 200);
  });
});

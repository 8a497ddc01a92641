// What a function's context does at the real endpoints: publish, enqueue, and
// the errors that come back.
import assert from 'node:assert/strict';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { CallScope } from '../../../sdk/client/call-endpoint.ts';
import { enqueue, publish, readData } from '../../../sdk/client/clients.ts';
import { createHttpTransport } from '../../../sdk/client/http-transport.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const RESOURCES = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders.created }
spec: { schema: { type: object } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: images }
spec: { maxSize: 1Ki, claimCheck: {} }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: anything }
spec: {}
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
`;

describe('clients of functions at the endpoints for events', () => {
  const log = createFakeLog();
  let served: Served;
  let scope: CallScope;
  before(async () => {
    served = await serveEndpoints(RESOURCES, log, { blobs: createFakeBlobs() });
    scope = {
      functionName: 'orders',
      signal: new AbortController().signal,
      traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
      origin: undefined,
      depth: 2,
      remainingMs: () => 5000,
      transport: createHttpTransport({
        url: served.internal,
        keyHeader: { name: 'tenfold-key', value: () => served.key },
      }),
    };
  });
  after(() => served.close());

  it('publish data as an event of the function, in its trace', async () => {
    const { id } = await publish(
      scope,
      'orders.created',
      { total: 7 },
      { type: 'OrderCreated', subject: 's', key: 'ada' },
    );
    const record = log.recordsOf('default.orders.created').at(-1)!;
    assert.partialDeepStrictEqual(fromRecord(record), {
      id,
      source: '/functions/orders',
      type: 'OrderCreated',
      subject: 's',
      partitionkey: 'ada',
      data: { total: 7 },
    });
    assert.equal(record.key, 'ada');
    assert.equal(record.headers['tenfold-depth'], '3');
    assert.match(record.headers['traceparent'] ?? '', /^00-0123456789abcdef/);
  });

  it('publish bytes and text as they are', async () => {
    for (const data of [Buffer.from([0, 255]), 'text']) {
      await publish(scope, 'anything', data);
      assert.deepEqual(fromRecord(log.recordsOf('default.anything').at(-1)!).data, data);
    }
  });

  it('enqueue jobs, the same one for the same key', async () => {
    const first = await enqueue(scope, 'imports', { article: 1 }, { idempotencyKey: 'a "quoted\\ key' });
    const second = await enqueue(scope, 'imports', { article: 1 }, { idempotencyKey: 'a "quoted\\ key' });
    assert.deepEqual(first, second);
    assert.equal(first.location, `/queues/imports/${first.id}`);
    assert.equal((await served.ask(first.location)).status, 200);
    await assert.rejects(enqueue(scope, 'imports', { article: 2 }, { idempotencyKey: 'a "quoted\\ key' }), {
      status: 422,
    });
  });

  it('read data that an event only refers to, and no address of somebody else', async () => {
    const receive = () => {
      const event = fromRecord(log.recordsOf('default.images').at(-1)!);
      return { ...event, data: event.data };
    };
    for (const data of [{ text: 'x'.repeat(5000) }, Buffer.alloc(5000, 1)]) {
      await publish(scope, 'images', data);
      const event = receive();
      assert.equal(event.data, undefined);
      assert.deepEqual(await readData(scope, event), data);
    }
    await publish(scope, 'images', { small: true });
    assert.deepEqual(await readData(scope, receive()), { small: true });
    for (const dataref of ['http://169.254.169.254/', '/functions/secret', '/topics/images/data/../../x']) {
      await assert.rejects(readData(scope, { ...receive(), data: undefined, dataref }), TypeError);
    }
  });

  it('fail with what the endpoint says', async () => {
    await assert.rejects(publish(scope, 'nothing', {}), { name: 'InvokeError', status: 404, retryable: false });
    await assert.rejects(publish(scope, 'orders.created', 7), { status: 400, message: /does not match its schema/ });
    await assert.rejects(enqueue(scope, 'nothing', {}), { status: 404 });
    await assert.rejects(publish({ ...scope, depth: 31 }, 'anything', {}), { status: 508 });
  });
});

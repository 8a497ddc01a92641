// The endpoints for events under pressure: clients that leave or dawdle, a log that hangs, more
// bytes than there is room for.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const RESOURCES = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { maxSize: 64Ki }
---
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" }, maxSize: 64Ki }
`;
const MAX_HELD = 256 * 1024;

describe('endpoints for events under pressure', () => {
  const log = createFakeLog();
  let served: Served;
  before(async () => {
    served = await serveEndpoints(RESOURCES, log, { maxHeldBytes: MAX_HELD });
  });
  after(() => served.close());
  afterEach(() => {
    log.before = async () => {};
  });

  /** A connection that has sent the head of a request and `sent` bytes of its body. */
  const begin = async (path: string, length: number, sent: string) => {
    const { hostname, port } = new URL(served.internal);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const head = [`POST ${path} HTTP/1.1`, 'host: a', `tenfold-key: ${served.key}`, 'content-type: application/json'];
    socket.write(`${head.join('\r\n')}\r\ncontent-length: ${length}\r\n\r\n${sent}`);
    await eventually(() => served.endpoints.intake.held >= sent.length, 'the body has arrived');
    return socket;
  };

  for (const path of ['/topics/orders', '/queues/imports']) {
    it(`forgets a client that leaves in the middle of its upload to ${path}`, async () => {
      const held = served.endpoints.intake.held;
      const socket = await begin(path, 1000, '{"a":"');
      socket.destroy();
      await eventually(() => served.endpoints.intake.held === held, 'the bytes are given back');
      assert.equal(log.recordsOf('default.orders').length + log.recordsOf('queue.default.imports').length, 0);
    });
  }

  it('takes nothing from others because of clients that announce much and send little', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => begin('/topics/orders', 60_000, '{')));
    assert.equal((await served.post('/topics/orders', JSON.stringify('x'.repeat(50_000)))).status, 204);
    for (const socket of sockets) socket.destroy();
    await eventually(() => served.endpoints.intake.held === 0, 'the bytes are given back');
  });

  it('holds no more than it may while the log hangs, and refuses the rest at once', async () => {
    let durable = () => {};
    const gate = new Promise<void>(resolve => (durable = resolve));
    log.before = () => gate;
    const body = JSON.stringify('x'.repeat(50_000));
    const statuses: number[] = [];
    const asked = Array.from({ length: 40 }, () =>
      served.post('/topics/orders', body).then(answer => {
        statuses.push(answer.status);
        if (answer.status === 503) assert.equal(answer.headers.get('retry-after'), '1');
      }),
    );
    await eventually(() => statuses.length >= 35, 'most are refused');
    assert.deepEqual([...new Set(statuses)], [503]);
    assert.ok(served.endpoints.intake.held <= MAX_HELD);
    durable();
    await Promise.all(asked);
    assert.ok(statuses.filter(status => status === 204).length >= 3);
    assert.equal(served.endpoints.intake.held, 0);
  });

  it('takes a batch of thousands of events, and refuses one that is larger than a batch may be', async () => {
    const event = { specversion: '1.0', source: '/x', type: 'T', data: 1 };
    const events = Array.from({ length: 1000 }, (_, index) => ({ ...event, id: String(index) }));
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    assert.equal((await served.post('/topics/orders', JSON.stringify(events), headers)).status, 204);
    const answer = await served.post('/topics/orders', `[${'0,'.repeat(9 << 20)}0]`, headers).catch(() => undefined);
    assert.ok(answer === undefined || answer.status === 413);
  });

  it('answers a client that waits for 100 Continue before its upload when there is no such topic', async () => {
    const { hostname, port } = new URL(served.internal);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', chunk => {
      text += chunk;
    });
    socket.write(
      `POST /topics/nothing HTTP/1.1\r\nhost: a\r\ntenfold-key: ${served.key}\r\ncontent-length: 1000\r\nexpect: 100-continue\r\n\r\n`,
    );
    await eventually(() => text.includes('\r\n\r\n'), 'an answer');
    assert.match(text, /^HTTP\/1\.1 404 /);
    socket.destroy();
    await pause(1);
  });
});

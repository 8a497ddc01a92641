// Data beyond the size of an event: kept in the blob store before the event is in the log, and
// given to whoever receives it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const topic = (name: string, spec: string) =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
const RESOURCES = [
  topic('images', '{ maxSize: 1Ki, claimCheck: { max: 1Mi } }'),
  topic(
    'checked',
    '{ maxSize: 1Ki, claimCheck: { max: 64Mi }, key: "${event.data.id}", schema: { type: object, required: [id] } }',
  ),
  topic('without', '{ maxSize: 1Ki }'),
].join('---\n');

describe('claim check', () => {
  const log = createFakeLog();
  const blobs = createFakeBlobs();
  let served: Served;
  before(async () => {
    served = await serveEndpoints(RESOURCES, log, { blobs });
  });
  after(() => served.close());
  afterEach(() => {
    log.before = async () => {};
    blobs.kept.clear();
  });
  const last = (name: string) => fromRecord(log.recordsOf(`default.${name}`).at(-1)!);
  const bytes = Buffer.alloc(500_000, 'abc');
  const ce = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/x',
    'ce-type': 'Shot',
    'content-type': 'image/png',
  };

  it('keeps large data, and gives it back as it came', async () => {
    assert.equal((await served.post('/topics/images', bytes, ce)).status, 204);
    const event = last('images');
    assert.partialDeepStrictEqual(event, { id: '1', type: 'Shot', datacontenttype: 'image/png' });
    assert.equal(event.data, undefined);
    assert.match(String(event['dataref']), /^\/topics\/images\/data\/[0-9T-]{13}-[0-9a-f]{32}$/);
    const answer = await served.ask(String(event['dataref']));
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.equal(answer.headers.get('content-length'), '500000');
    const sum = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    assert.equal(sum(new Uint8Array(await answer.arrayBuffer())), sum(bytes));
    assert.equal((await served.ask(String(event['dataref']), { method: 'HEAD' })).status, 200);
    assert.equal(served.endpoints.intake.held, 0);
  });

  it('leaves small data in the event, and wraps plain bodies of any size', async () => {
    await served.post('/topics/images', 'small', { ...ce, 'content-type': 'text/plain' });
    assert.equal(last('images').data, 'small');
    assert.equal(blobs.kept.size, 0);
    await served.post('/topics/images', 'x'.repeat(5000), { 'content-type': 'text/plain' });
    assert.ok(last('images')['dataref']);
  });

  it('looks at the data where the topic has a schema or makes keys of it', async () => {
    const large = JSON.stringify({ id: 'k', text: 'x'.repeat(5000) });
    assert.equal((await served.post('/topics/checked', large)).status, 204);
    assert.equal(log.recordsOf('default.checked').at(-1)?.key, 'k');
    assert.equal([...blobs.kept.values()][0]?.bytes.toString(), large);
    assert.equal((await served.post('/topics/checked', JSON.stringify({ text: 'x'.repeat(5000) }))).status, 400);
    assert.equal(
      (await served.post('/topics/checked', JSON.stringify({ id: 'x'.repeat(9 << 20) })).catch(() => ({ status: 413 })))
        .status,
      413,
    );
    const structured = JSON.stringify({
      specversion: '1.0',
      id: '2',
      source: '/x',
      type: 'T',
      data: { id: 's', text: 'x'.repeat(5000) },
    });
    await served.post('/topics/checked', structured, { 'content-type': 'application/cloudevents+json' });
    assert.equal(log.recordsOf('default.checked').at(-1)?.key, 's');
  });

  it('refuses more than the topic takes, and large data where there is no claim check', async () => {
    const many = Buffer.alloc((1 << 20) + 1);
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(many);
        controller.close();
      },
    });
    for (const body of [many, chunked]) {
      const init = { method: 'POST', body, headers: ce, duplex: 'half' } as RequestInit;
      assert.equal((await served.ask('/topics/images', init).catch(() => ({ status: 413 }))).status, 413);
    }
    assert.equal((await served.post('/topics/without', 'x'.repeat(5000), ce)).status, 413);
    assert.equal(blobs.kept.size, 0);
  });

  it('keeps nothing of an event that is not taken, and the data of one that may be', async () => {
    for (const [code, left] of [
      ['overloaded', 0],
      ['log-unavailable', 1],
    ] as const) {
      log.before = async () => {
        throw new TenfoldError(code, 'no');
      };
      assert.equal((await served.post('/topics/images', bytes, ce)).status, 503);
      assert.equal(blobs.kept.size, left);
    }
    const wrong = await served.post('/topics/images', bytes, { ...ce, 'ce-type': '' });
    assert.equal(wrong.status, 400);
    assert.equal(blobs.kept.size, 1);
  });

  for (const [what, path, status] of [
    ['is not kept any more', '/topics/images/data/2026-01-01T00-0123456789abcdef0123456789abcdef', 410],
    ['has an address of somebody else', '/topics/images/data/..%2F..%2Fetc', 400],
    ['is something else', '/topics/images/other', 404],
    ['belongs to no topic', '/topics/nothing/data/2026-01-01T00-0123456789abcdef0123456789abcdef', 404],
  ] as const) {
    it(`answers ${status} to data that ${what}`, async () => assert.equal((await served.ask(path)).status, status));
  }
});

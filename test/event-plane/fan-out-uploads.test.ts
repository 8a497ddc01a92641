// Uploads that begin jobs: through the endpoint of the fan-out, through the endpoint of objects,
// and after the journal has gone on without anybody looking.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fanOutLayoutOf } from '../../core/fan-outs/layout.ts';
import { eventually } from '../eventually.ts';
import { startHttpWorker } from './http-worker.ts';
import { overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

const yamlOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: pictures }
spec:
  "on": { upload: { prefix: uploads/, suffixes: [.jpg, .png] } }
  split: "\${[event.data.name, event.data.contentType]}"
  worker: { url: "${url}" }
`;

interface View {
  readonly id: string;
  readonly state: string;
  readonly object: string;
  readonly location: string;
}

overEachLog('uploads that begin jobs', log => {
  let folder: string;
  let worker: Awaited<ReturnType<typeof startHttpWorker>>;
  let running: Awaited<ReturnType<typeof runEventPlane>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-uploads-'));
    worker = await startHttpWorker(({ body }, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    );
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder });
    // From then on uploads are followed.
    await eventually(
      async () => (await running.store.get(fanOutLayoutOf('default', 'pictures').splitScope, 'uploads')) !== undefined,
      'uploads are followed',
    );
  });
  after(async () => {
    await running.close();
    await worker.close();
    rmSync(folder, { recursive: true });
  });

  const upload = (path: string, method: string, body: string, type = 'image/jpeg') =>
    running.ask(path, { method, body, headers: { 'content-type': type } });
  const jobs = async (): Promise<{ state: string; nonce: string }[]> => {
    const { scopeOf } = fanOutLayoutOf('default', 'pictures');
    const pages = await Promise.all(
      Array.from({ length: 8 }, (_, partition) => running.store.scan(scopeOf(partition), 'jobs', { limit: 100 })),
    );
    return pages.flatMap(({ rows }) =>
      rows.map(({ key, value }) => ({ nonce: key, ...JSON.parse(Buffer.from(value).toString()) })),
    );
  };
  const ended = async () => (await jobs()).filter(({ state }) => state === 'succeeded').length;

  it('answers 202 with the job and the name of the object, which is there then, and begins one job', async () => {
    const answer = await upload('/fan-outs/pictures', 'POST', 'a picture');
    assert.equal(answer.status, 202);
    const view = (await answer.json()) as View;
    assert.match(view.object, /^uploads\/[0-9a-f-]{36}\.jpg$/);
    const object = await running.ask(`/blobs/${view.object}`);
    assert.equal(object.headers.get('content-type'), 'image/jpeg');
    assert.equal(await object.text(), 'a picture');
    const shown = (await (await running.ask(`${view.location}?wait=5`)).json()) as View;
    assert.equal(shown.state, 'succeeded');
    const results = await (await running.ask(`${view.location}/result`)).json();
    assert.deepEqual(
      (results as { result: unknown }[]).map(({ result }) => result),
      [view.object, 'image/jpeg'],
    );
    // The journal tells of it once more.
    await new Promise(resolve => setTimeout(resolve, 200));
    assert.equal((await jobs()).length, 1);
  });

  it('begins a job for an object that came by another way', async () => {
    const before = await ended();
    assert.equal((await upload('/blobs/uploads/cat.png', 'PUT', 'a cat', 'image/png')).status, 204);
    await eventually(async () => (await ended()) === before + 1, 'it ends');
  });

  it('begins another job when the object is uploaded again', async () => {
    const before = await ended();
    assert.equal((await upload('/blobs/uploads/cat.png', 'PUT', 'a cat', 'image/png')).status, 204);
    await eventually(async () => (await ended()) === before + 1, 'it ends');
  });

  it('leaves other objects alone', async () => {
    const before = (await jobs()).length;
    for (const name of ['uploads/notes.txt', 'other/cat.png'])
      assert.equal((await upload(`/blobs/${name}`, 'PUT', 'x', 'text/plain')).status, 204);
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.equal((await jobs()).length, before);
  });

  it('refuses an upload with another ending', async () => {
    assert.equal((await upload('/fan-outs/pictures', 'POST', 'x', 'text/plain')).status, 400);
  });

  it('lists, replaces under a condition, and deletes objects', async () => {
    const list = (await (await running.ask('/blobs/?prefix=uploads/')).json()) as { items: { name: string }[] };
    assert.ok(list.items.some(({ name }) => name === 'uploads/cat.png'));
    const etag = (await running.ask('/blobs/uploads/cat.png', { method: 'HEAD' })).headers.get('etag') ?? '';
    const put = (headers: Record<string, string>) =>
      running.ask('/blobs/other/cat.png', { method: 'PUT', body: 'y', headers });
    assert.equal((await put({ 'if-match': '"of another"' })).status, 409);
    assert.equal((await put({ 'if-none-match': '*' })).status, 409);
    assert.ok(etag.length > 2);
    assert.equal((await running.ask('/blobs/other/cat.png', { method: 'DELETE' })).status, 204);
    assert.equal((await running.ask('/blobs/other/cat.png')).status, 404);
    assert.equal((await running.ask('/blobs/../secret')).status >= 400, true);
  });
});

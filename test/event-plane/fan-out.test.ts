// A fan-out as its users meet it: divided, worked, gathered; what fails is redriven alone;
// deadlines, quorums, cancelling, nesting.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicOf } from '../../core/names.ts';
import { eventually } from '../eventually.ts';
import { startHttpWorker } from './http-worker.ts';
import { overEachLog } from './logs.ts';
import { runEventPlane } from './run-event-plane.ts';

const fanOut = (name: string, spec: string) => `---
apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: ${name} }
spec: ${spec}
`;
const RETRY = 'retry: { attempts: 2, initial: 10ms, max: 20ms }';
const yamlOf = (url: string) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: ended }
spec: { partitions: 1 }
${fanOut('sums', `{ split: "\${event.data.numbers}", worker: { url: "${url}", ${RETRY} }, gather: { function: gather }, complete: { topic: ended } }`)}
${fanOut('lists', `{ split: "\${event.data.numbers}", worker: { url: "${url}", ${RETRY} } }`)}
`;

interface View {
  readonly id: string;
  readonly state: string;
  readonly location: string;
  readonly items: { readonly total: number; readonly succeeded: number; readonly failed: number };
  readonly error?: { readonly message: string };
  readonly result?: { readonly body?: unknown };
}

overEachLog('fan-out, from the endpoint to the result', log => {
  let folder: string;
  let worker: Awaited<ReturnType<typeof startHttpWorker>>;
  let gatherer: Awaited<ReturnType<typeof startHttpWorker>>;
  let running: Awaited<ReturnType<typeof runEventPlane>>;
  /** Numbers that cannot be worked. */
  const broken = new Set<number>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-fan-out-'));
    worker = await startHttpWorker(({ body }, response) => {
      const number = JSON.parse(body) as number;
      const status = broken.has(number) ? 422 : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? number * number : { detail: `${number} is broken` }));
    });
    gatherer = await startHttpWorker(({ body }, response) => {
      const lines = body
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      const sum = lines.reduce((total, line) => total + (line.result ?? 0), 0);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ sum, asked: lines[0].event.data.numbers.length, end: lines.at(-1) }));
    });
    running = await runEventPlane({ log, yaml: yamlOf(worker.url), folder, functions: { gather: gatherer.url } });
  });
  after(async () => {
    await running.close();
    await worker.close();
    await gatherer.close();
    rmSync(folder, { recursive: true });
  });

  const begin = async (name: string, numbers: readonly number[], headers = {}): Promise<View> => {
    const answer = await running.post(`/fan-outs/${name}`, JSON.stringify({ numbers }), headers);
    assert.equal(answer.status, 202);
    const view = (await answer.json()) as View;
    assert.equal(answer.headers.get('location'), view.location);
    return view;
  };
  const show = async ({ location }: View, query = '?wait=5'): Promise<View> =>
    (await (await running.ask(`${location}${query}`)).json()) as View;

  it('answers 202, then works each item and gathers all results', async () => {
    const ended = await show(await begin('sums', [1, 2, 3, 4]));
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.items, { total: 4, succeeded: 4, failed: 0, open: 0, divided: true });
    assert.deepEqual(ended.result?.body, { sum: 30, asked: 4, end: { end: true, count: 4 } });
    const result = await running.ask(`${ended.location}/result`);
    assert.equal(result.status, 200);
    assert.deepEqual(await result.json(), ended.result?.body);
  });

  it('publishes that the job has ended, once, with its result', async () => {
    const ended = await show(await begin('sums', [5]));
    const toldOf = async () => {
      const topic = topicOf('default', 'ended');
      const bounds = (await running.log.bounds(topic)) ?? [];
      const all = await Promise.all(
        bounds.map((_, partition) => running.log.read(topic, partition, 0, { maxRecords: 100, maxBytes: 1e6 })),
      );
      return all.flatMap(({ records }) => records).filter(({ headers }) => headers['ce_subject'] === ended.id);
    };
    await eventually(async () => (await toldOf()).length > 0, 'it is told');
    const told = await toldOf();
    assert.equal(told.length, 1);
    assert.equal(told[0]?.headers['ce_type'], 'dev.tenfold.fan-out.succeeded');
    const data = JSON.parse(Buffer.from(told[0]?.value ?? '').toString()) as View;
    assert.deepEqual(data.result?.body, { sum: 25, asked: 1, end: { end: true, count: 1 } });
  });

  it('carries where its event has been to the workers, to who gathers, and to the event of its end', async () => {
    const headers = { 'tenfold-origin': 'shop' };
    const before = [worker.seen.length, gatherer.seen.length] as const;
    const ended = await show(await begin('sums', [6, 7], headers));
    const calls = [...worker.seen.slice(before[0]), ...gatherer.seen.slice(before[1])];
    assert.deepEqual(
      calls.map(({ request }) => request.headers['tenfold-origin']),
      ['default/shop', 'default/shop', 'default/shop'],
    );
    const told = async () => {
      const topic = topicOf('default', 'ended');
      const { records } = await running.log.read(topic, 0, 0, { maxRecords: 1000, maxBytes: 1e6 });
      return records.find(({ headers: found }) => found['ce_subject'] === ended.id);
    };
    await eventually(async () => (await told()) !== undefined, 'it is told');
    assert.equal((await told())?.headers['ce_tenfoldorigin'], 'default/shop');
  });

  it('has the list of results as its result where nobody gathers', async () => {
    const ended = await show(await begin('lists', [3, 1, 2]));
    assert.deepEqual(await (await running.ask(`${ended.location}/result`)).json(), [
      { index: 0, state: 'succeeded', status: 200, result: 9 },
      { index: 1, state: 'succeeded', status: 200, result: 1 },
      { index: 2, state: 'succeeded', status: 200, result: 4 },
    ]);
  });

  it('is done at once with a job of no items', async () => {
    const ended = await show(await begin('sums', []));
    assert.equal(ended.state, 'succeeded');
    assert.deepEqual(ended.result?.body, { sum: 0, asked: 0, end: { end: true, count: 0 } });
  });

  it('fails with the item that was given up, shows it, and goes on with it alone when it is redriven', async () => {
    broken.add(13);
    const failed = await show(await begin('sums', [1, 13, 2]));
    assert.equal(failed.state, 'failed');
    assert.deepEqual(failed.items, { total: 3, succeeded: 2, failed: 1, open: 0, divided: true });
    assert.match(failed.error?.message ?? '', /1 of 3 items were given up/);
    assert.equal((await running.ask(`${failed.location}/result`)).status, 502);
    const page = await (await running.ask(`${failed.location}/failed`)).json();
    assert.deepEqual(page, {
      items: [
        { index: 1, state: 'failed', reason: 'refused', attempts: 1, error: { status: 422, message: '13 is broken' } },
      ],
    });
    broken.delete(13);
    const before = worker.seen.length;
    assert.equal((await running.post(`${failed.location}/redrive`, '')).status, 202);
    await eventually(async () => (await show(failed, '')).state === 'succeeded', 'it is done after all');
    const ended = await show(failed);
    assert.equal(worker.seen.length, before + 1);
    assert.deepEqual(ended.result?.body, { sum: 174, asked: 3, end: { end: true, count: 3 } });
    assert.equal((await running.post(`${failed.location}/redrive`, '')).status, 409);
  });
});

// What 202 says of a job: how it stands by now, whether its request was the first of its key or has
// waited for too short a time.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { finishJob } from './finish-job.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const RESOURCES = `
apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
`;

describe('a job as it stands', () => {
  const log = createFakeLog();
  const store = createFakeStore(realWorld);
  const signals = createJobSignals();
  let served: Served;
  before(async () => {
    served = await serveEndpoints(RESOURCES, log, { store, signals });
  });
  after(() => served.close());
  const records = () => log.recordsOf('queue.default.imports');
  const enqueue = (headers: Record<string, string>) => served.post('/queues/imports', '{"article":"a"}', headers);

  const endings = [
    ['succeeded', { answer: { status: 201, body: '{"ok":true}' } }],
    ['failed', { error: { status: 422, message: 'No such author.' } }],
  ] as const;
  for (const [state, end] of endings) {
    it(`is told to who sends a key again whose job has ${state}`, async () => {
      const headers = { 'idempotency-key': `"stands ${state}"` };
      const first = (await (await enqueue(headers)).json()) as Record<string, unknown>;
      assert.partialDeepStrictEqual(first, { state: 'queued', attempts: 0 });
      await finishJob({ store, signals, queue: 'imports', record: records().at(-1)!, ...end });
      const answer = await enqueue(headers);
      assert.equal(answer.status, 202);
      const again = (await answer.json()) as Record<string, unknown>;
      const asked = (await (await served.ask(String(first['location']))).json()) as Record<string, unknown>;
      assert.equal(again['state'], state);
      assert.deepEqual(again, asked);
      assert.equal(again['acceptedAt'], first['acceptedAt']);
      assert.ok(Number(again['attempts']) >= 1);
    });
  }

  it('is told to who sends a key again while the job waits, always with the same time', async () => {
    const headers = { 'idempotency-key': '"stands waiting"' };
    const told = [];
    for (let times = 0; times < 3; times++) {
      const job = (await (await enqueue(headers)).json()) as Record<string, unknown>;
      told.push([job['id'], job['state'], job['acceptedAt']]);
      await pause(5);
    }
    assert.equal(new Set(told.map(each => each.join())).size, 1);
  });

  it('is told to who has waited for too short a time', async () => {
    const first = enqueue({ prefer: 'wait=1', 'idempotency-key': '"short"' });
    const job = (await (await first).json()) as Record<string, unknown>;
    const asked = (await (await served.ask(String(job['location']))).json()) as Record<string, unknown>;
    assert.deepEqual(job, asked);
  });
});

// Jobs whose rows a later release has written, at the endpoints: they are refused, and may be
// asked for at another gateway.
import assert from 'node:assert/strict';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';
import { waysToAsk } from '../ways-to-ask.ts';

const RESOURCES = `apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
`;

describe('a job of which a later release has written', () => {
  const log = createFakeLog();
  const store = createFakeStore(realWorld);
  const cancelled: unknown[] = [];
  let served: Served;
  before(async () => {
    const cancelJob = async (...job: unknown[]) => void cancelled.push(job);
    served = await serveEndpoints(RESOURCES, log, { store, signals: createJobSignals(), cancelJob });
  });
  after(() => served.close());

  const enqueue = async () =>
    ((await (await served.post('/queues/imports', '{}')).json()) as { location: string }).location;
  const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
  /** Of the newest job. */
  const writeLater = () => {
    const { offset, headers } = log.recordsOf('queue.default.imports').at(-1)!;
    const row = Buffer.from('{"v":2,"state":"succeeded","attempts":1,"acceptedAt":1,"owner":""}\n');
    return store.put('jobs/default/imports/0', `0-${offset}-${headers['tenfold-job']}`, row, { ttlMs: 1e6 });
  };

  for (const [what, below, init] of waysToAsk)
    it(`is refused when somebody asks for ${what}: another gateway may know it`, async () => {
      const location = await enqueue();
      await writeLater();
      const before = cancelled.length;
      const answer = await served.ask(location + below, init);
      const { type, detail } = await json(answer);
      assert.equal(answer.status, 503);
      assert.match(String(type), /later-release$/);
      assert.match(String(detail), /^the row of job 0-\d+-\S+ has version 2, of a later release.* Finish the upgrade/);
      assert.equal(cancelled.length, before);
    });

  it('cuts a stream, and does not end it as if that were the end of the job', async () => {
    const location = await enqueue();
    const answer = await served.ask(location, { headers: { accept: 'text/event-stream' } });
    await writeLater();
    await assert.rejects(answer.text());
  });

  it('is accepted all the same when who adds it waits for it', async () => {
    const answered = served.post('/queues/imports', '{}', { prefer: 'wait=5' });
    const before = log.recordsOf('queue.default.imports').length;
    await eventually(() => log.recordsOf('queue.default.imports').length > before, 'it is in the log');
    await writeLater();
    const answer = await answered;
    assert.equal(answer.status, 202);
    assert.equal((await json(answer))['state'], 'queued');
  });
});

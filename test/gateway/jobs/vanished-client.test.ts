// A client that is gone while it waits for a job: nobody waits for it any longer.
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import { realWorld } from '../../../core/world.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';

const QUEUE = `apiVersion: tenfold.dev/v1alpha1
kind: Queue
metadata: { name: imports }
spec: { to: { url: "http://importer" } }
`;

describe('a client that is gone', () => {
  const told = createJobSignals();
  /** How many wait for news of a job. */
  let waiting = 0;
  const signals = {
    ...told,
    changed: {
      ...told.changed,
      listen(name: string, listener: () => void) {
        const end = told.changed.listen(name, listener);
        waiting++;
        return () => {
          waiting--;
          end();
        };
      },
    },
  };
  let served: Served;
  before(async () => {
    const cancelJob = async () => {};
    served = await serveEndpoints(QUEUE, createFakeLog(), { store: createFakeStore(realWorld), signals, cancelJob });
  });
  after(() => served.close());

  const enqueue = async () =>
    ((await (await served.post('/queues/imports', '{}')).json()) as { location: string }).location;
  const doings: Readonly<Record<string, (signal: AbortSignal) => Promise<Response>>> = {
    'waits for a job that it has enqueued': signal =>
      served.ask('/queues/imports', { method: 'POST', body: '{}', headers: { prefer: 'wait=60' }, signal }),
    'waits for a job': async signal => served.ask(await enqueue(), { headers: { prefer: 'wait=60' }, signal }),
    'reads the events of a job': async signal =>
      served.ask(await enqueue(), { headers: { accept: 'text/event-stream' }, signal }),
  };

  for (const [doing, ask] of Object.entries(doings)) {
    it(`is not waited for any longer, which ${doing}`, async () => {
      const leaving = new AbortController();
      const asked = ask(leaving.signal).catch(() => undefined);
      await eventually(() => waiting === 1, 'it waits');
      leaving.abort();
      await asked;
      await eventually(() => waiting === 0, 'nobody waits');
    });
  }
});

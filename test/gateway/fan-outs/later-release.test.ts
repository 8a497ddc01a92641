// Jobs of FanOuts of which a later release has written, at the listeners: they are refused, and may
// be asked for at another gateway.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { factOf } from '../../../core/fan-outs/facts.ts';
import { encodeFanOutJob, encodeWithHead, type FanOutJob } from '../../../core/fan-outs/job.ts';
import { FAILED_TABLE, fanOutLayoutOf, itemKeyOf, JOBS_TABLE, RESULTS_TABLE } from '../../../core/fan-outs/layout.ts';
import { createJobSignals } from '../../../core/jobs/job-signals.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { openInlineStore } from '../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../eventually.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { type Served, serveEndpoints } from '../accept/serve-endpoints.ts';
import { waysToAsk } from '../ways-to-ask.ts';

const RESOURCES = `apiVersion: tenfold.dev/v1alpha1
kind: FanOut
metadata: { name: sums }
spec: { split: "\${event.data.numbers}", worker: { url: "http://worker" } }
`;
const layout = fanOutLayoutOf('default', 'sums');

describe('a job of a fan-out of which a later release has written', () => {
  const log = createFakeLog();
  let store: Store;
  let served: Served;
  before(async () => {
    store = await openInlineStore(join(tempFolder(), 'store.db'));
    served = await serveEndpoints(RESOURCES, log, { store, fanOuts: store, signals: createJobSignals() });
  });
  after(async () => {
    await served.close();
    await store.close();
    removeTempFolders();
  });

  const json = async (answer: Response) => (await answer.json()) as Readonly<Record<string, string>>;
  const begin = async () => (await json(await served.post('/fan-outs/sums', '{"numbers":[1]}')))['location'] ?? '';
  const begun = () => log.recordsOf(layout.facts).filter(record => factOf(record)?.kind === 'start');
  /** Of the newest job, whose id is given out by the log. */
  const keep = async (
    version: number,
    state: FanOutJob['state'],
    rows: Readonly<Record<string, string | Uint8Array>>,
  ) => {
    const { key: nonce, offset } = begun().at(-1)!;
    const job = {
      id: `0-${offset}-${nonce}`,
      state,
      generation: 0,
      reopened: 0,
      acceptedAt: 1,
      deadlineAt: 2,
      owner: '',
    };
    const value = encodeFanOutJob({ ...job, items: 1, split: true, succeeded: 0, failed: 0 });
    await store.apply(layout.scopeOf(0), [
      { kind: 'put-row', table: JOBS_TABLE, key: nonce ?? '', value: value.replace('"v":1', `"v":${version}`) },
      ...Object.entries(rows).map(([table, row]) => ({
        kind: 'put-row' as const,
        table,
        key: itemKeyOf(nonce ?? '', 0),
        value: row,
      })),
    ]);
  };
  const assertRefused = async (answer: Response, what: RegExp) => {
    const { type, detail } = await json(answer);
    assert.equal(answer.status, 503);
    assert.match(type ?? '', /later-release$/);
    assert.match(detail ?? '', what);
    assert.match(detail ?? '', /has version 2, of a later release.* Finish the upgrade/);
  };

  for (const [what, below, init] of [
    ...waysToAsk,
    ['trying again what failed of it', '/redrive', { method: 'POST' }],
  ] as const)
    it(`is refused when somebody asks for ${what}: another gateway may know it`, async () => {
      const location = await begin();
      await keep(2, 'working', {});
      const before = log.recordsOf(layout.facts).length;
      await assertRefused(await served.ask(location + below, init), /^the state of job 0-\d+-\S+ has/);
      assert.equal(log.recordsOf(layout.facts).length, before);
    });

  it('is not taken for none where its beginning is told by that release', async () => {
    const location = await begin();
    const { headers } = begun().at(-1)!;
    Object.assign(headers, { 'tenfold-fact': JSON.stringify({ v: 2, kind: 'start', of: 'another kind' }) });
    const answer = await served.ask(location);
    delete (headers as Record<string, string>)['tenfold-fact'];
    await assertRefused(answer, /^what is told of job [0-9a-f]{16} has/);
  });

  for (const [what, below, state, rows] of [
    ['results', '/results', 'working', { [RESULTS_TABLE]: encodeWithHead({ v: 2 }, Buffer.of()) }],
    ['a result', '/results/0', 'working', { [RESULTS_TABLE]: encodeWithHead({ v: 2 }, Buffer.of()) }],
    ['failures', '/failed', 'failed', { [FAILED_TABLE]: '{"v":2}' }],
  ] as const)
    it(`has no page of ${what} that lacks what it has written`, async () => {
      const location = await begin();
      await keep(1, state, rows);
      await assertRefused(await served.ask(location + below), /^(what is kept|the failure) at [0-9a-f]{16}\/0{8} has/);
    });

  it('is accepted all the same when who begins it waits for it', async () => {
    const before = begun().length;
    const answered = served.post('/fan-outs/sums', '{"numbers":[1]}', { prefer: 'wait=5' });
    await eventually(() => begun().length > before, 'it is in the log');
    await keep(2, 'working', {});
    const answer = await answered;
    assert.equal(answer.status, 202);
    assert.equal((await json(answer))['state'], 'queued');
  });
});

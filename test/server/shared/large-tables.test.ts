// What processes tell each other through the store is complete, however much it is: one answer of a
// store has a few MB, as has one value.
import assert from 'node:assert/strict';
import { realWorld } from '../../../core/world.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { type OwnReports, shareReports } from '../../../server/events/reports/shared-reports.ts';
import { createPresence } from '../../../server/shared/presence.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { fakeConsumer } from '../../fakes/consumer-report.ts';

const CONSUMERS = 1_200;
const PROCESSES = 6;
const MB = 1024 * 1024;

describe('what processes tell each other through a store', () => {
  let store: Store;
  let folder: { readonly file: string; remove(): void };

  before(async () => {
    folder = temporaryFolder();
    store = await openStore(folder.file);
  });
  after(async () => {
    await store.close();
    folder.remove();
  });

  it('has the reports of all consumers, where they are larger than a value may be', async () => {
    const consumers = Array.from({ length: CONSUMERS }, (_, at) =>
      fakeConsumer(`consumer-${at}`, { lastError: 'x'.repeat(5_000) }),
    );
    const own = (): OwnReports => ({ consumers, stages: { views: [], pipelines: [], fanOuts: [], sources: [] } });
    const [worker, gateway] = [own, undefined].map((reports, at) =>
      shareReports({ world: realWorld, store, id: `process-${at}`, own: reports, log() {} }),
    );
    const told = async () => (await gateway?.others())?.length;
    await eventually(async () => (await told()) === CONSUMERS, 'all are told');
    assert.deepEqual(await worker?.others(), []);
    for (const each of [worker, gateway]) each?.close();
  });

  it('has the desired versions of all processes, where they are larger than an answer', async () => {
    const all = Array.from({ length: PROCESSES }, () => createPresence(realWorld, store));
    for (const [at, each] of all.entries()) await each.want(`view-${at}`, `${at}`.repeat(MB));
    const asker = createPresence(realWorld, store);
    for (let at = 0; at < PROCESSES; at++) {
      assert.ok(await asker.isWanted(`view-${at}`, `${at}`.repeat(MB)), `view-${at}`);
      assert.equal(await asker.isAgreed(`view-${at}`, 'another one'), false);
    }
    for (const each of [...all, asker]) await each.close();
  });
});

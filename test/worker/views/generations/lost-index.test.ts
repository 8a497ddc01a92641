// Views over real files whose search index somebody has deleted: what is found in what is left
// would be less than there is, and nobody would know.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import { createViewDirectory } from '../../../../core/views/view-directory.ts';
import { viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { loadText } from '../../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { compileViews } from '../../../../worker/plan/compile-views.ts';
import { createViewPlane, type ViewPlane } from '../../../../worker/view-plane.ts';
import { openLog } from '../../../drivers/event-log/sqlite/open-log.ts';
import { openSearch } from '../../../drivers/search-index/sqlite/open-search.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../../eventually.ts';

const app = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: tweets }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: tweets }
spec: { from: [tweets], search: { id: "\${event.data.id}", fields: { text: { type: text } } } }
`;
const TOPIC = 'default.tweets';

describe('a View whose search index was deleted', () => {
  const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()] as const;
  let log: EventLog;
  let store: Store;
  let search: SearchIndex;
  let plane: ViewPlane;
  const problems: string[] = [];

  before(async () => {
    log = await openLog(folders[0].file);
    store = await openStore(folders[1].file);
    search = await openSearch(folders[2].file);
    await log.ensureTopic(TOPIC, { partitions: 1 });
  });
  beforeEach(() => {
    problems.length = 0;
    begin();
  });
  afterEach(() => plane.close(1_000));
  after(async () => {
    for (const each of [log, store, search]) await each.close();
    for (const folder of folders) folder.remove();
  });

  const begin = () => {
    plane = createViewPlane({
      world: realWorld,
      log,
      store,
      search,
      observerFor: () => ({ trouble() {}, superseded() {}, jumped() {}, refused() {} }),
      problem: message => problems.push(message),
    });
    plane.apply(compileViews(createResourceSet(loadText('app.yaml', app).resources), () => assert.fail()));
  };
  const publish = (id: string) => {
    const event = { specversion: '1.0' as const, id, source: '/test', type: 'tweet', data: { id, text: 'flat white' } };
    return log.append(TOPIC, [toRecord(event, id)]);
  };
  const index = async () => {
    const serving = await createViewDirectory(realWorld, store).serving('default', 'tweets');
    return serving && viewLayoutOf('default', 'tweets', serving.id).index;
  };
  const found = async () => {
    const name = await index();
    const { hits } = await search.search(name ?? '', { text: 'flat' });
    return hits.map(({ id }) => id).sort();
  };
  const finds = (...ids: string[]) =>
    eventually(
      async () => JSON.stringify(await found().catch(() => undefined)) === JSON.stringify(ids),
      `${ids.join(', ')} are found`,
    );

  it('is built anew while it runs', async () => {
    await publish('a');
    await finds('a');
    const lost = (await index()) ?? '';
    await search.dropIndex(lost);
    await publish('b');
    await finds('a', 'b');
    assert.notEqual(await index(), lost);
    assert.match(problems.join('\n'), /View tweets: .*search index/);
  });

  it('is built anew when that happened while nobody ran it, and finds no less meanwhile than all or nothing', async () => {
    await finds('a', 'b');
    const lost = (await index()) ?? '';
    await plane.close(1_000);
    await search.dropIndex(lost);
    await publish('c');
    begin();
    const partly: string[] = [];
    await eventually(async () => {
      const ids = await found().catch((): string[] => []);
      if (ids.length > 0 && !ids.includes('a')) partly.push(ids.join());
      return ids.length === 3;
    }, 'all are found');
    assert.deepEqual(partly, []);
    assert.notEqual(await index(), lost);
  });
});

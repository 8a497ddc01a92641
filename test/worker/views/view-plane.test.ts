// The Views of a plan over real files: what happens to them when the topic that they come from is
// another one of the same name.
import assert from 'node:assert/strict';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { createViewDirectory } from '../../../core/views/view-directory.ts';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { compileViews } from '../../../worker/plan/compile-views.ts';
import { createViewPlane, type ViewPlane } from '../../../worker/view-plane.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';

const app = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: orders }
spec: { from: [orders], table: { key: "\${event.data.id}" } }
`;
const TOPIC = 'default.orders';

describe('the views of a plan', () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  let log: EventLog;
  let store: Store;
  let plane: ViewPlane;
  const problems: string[] = [];

  before(async () => {
    log = await openLog(folders[0].file);
    store = await openStore(folders[1].file);
    await log.ensureTopic(TOPIC, { partitions: 1 });
    plane = createViewPlane({
      world: realWorld,
      log,
      store,
      search: {
        ensureIndex: async () => assert.fail(),
        dropIndex: async () => assert.fail(),
        change: async () => assert.fail(),
        pointAliases: async () => assert.fail(),
        indexes: async () => [],
      },
      observerFor: () => ({ trouble() {}, superseded() {}, jumped() {}, refused() {} }),
      problem: message => problems.push(message),
    });
  });
  after(async () => {
    await plane.close(1_000);
    await log.close();
    await store.close();
    for (const folder of folders) folder.remove();
  });

  const publish = (id: string, n: number) => {
    const event = { specversion: '1.0' as const, id: `${id}-${n}`, source: '/test', type: 'order', data: { id, n } };
    return log.append(TOPIC, [toRecord(event, id)]);
  };
  const row = async (key: string) => {
    // A directory of its own, so that nothing is told that was learned before.
    const serving = await createViewDirectory(realWorld, store).serving('default', 'orders');
    if (serving === undefined) return undefined;
    const layout = viewLayoutOf('default', 'orders', serving.id);
    const found = await store.row(layout.scopeOf(partitionOf(key, layout.partitions)), VIEW_ROWS, key);
    return found && JSON.parse(Buffer.from(found.value).toString()).n;
  };

  it('are built anew when their topic was deleted and made again', async () => {
    const plans = compileViews(createResourceSet(loadText('app.yaml', app).resources), () => assert.fail());
    plane.apply(plans);
    for (let n = 1; n <= 5; n++) await publish('a', n);
    await eventually(async () => (await row('a')) === 5, 'the row is there');
    await log.deleteTopic(TOPIC);
    await log.ensureTopic(TOPIC, { partitions: 1 });
    // Offsets that the old topic had, too.
    await publish('b', 1);
    // What serves goes on with it at once, and what is built anew takes its place.
    const counts = async () => (await row('b')) === 1 && (await row('a')) === undefined;
    await eventually(counts, 'the new topic is what counts');
    assert.deepEqual(problems, []);
  });
});

// What windows of an earlier definition had kept goes; what is in force,
// and what others keep, stays.
import assert from 'node:assert/strict';
import { removeOnceAgreed, removePipelineLeftovers } from '../../../worker/pipelines/remove-leftovers.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { resourcesOf } from './harness.ts';

describe('leftovers of pipelines', () => {
  it('are the topics and states of windows that are not in force', async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    const log = await openLog(one.file);
    const store = await openStore(other.file);
    try {
      const resources = resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: {}
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks }, steps: [{ window: { tumbling: 10s, aggregate: { "n": count() } } }], to: [{ url: "http://a.example" }] }`);
      const [plan = assert.fail()] = compileEvents(resources, { storage: true, kafka: false }).pipelines;
      const [{ id } = assert.fail()] = plan.settings.topology.windows;
      const old = 'window.0123456789ab';
      const topics = [`${old}`, id, 'calling0', 'calling0.parked'].map(each => `pipeline.default.counts.${each}`);
      for (const name of [...topics, `pipeline.default.other.${old}`]) await log.ensureTopic(name, { partitions: 1 });
      const scopes = [old, id].map(each => `pipeline/default/counts/${each}/0`);
      for (const scope of [...scopes, `pipeline/default/counts2/${old}/0`]) {
        await store.apply(scope, [{ kind: 'put-row', table: 't', key: 'k', value: 'v' }]);
      }
      await removePipelineLeftovers(log, store, plan.settings);
      const left = (await log.topics()).map(({ name }) => name).sort();
      assert.deepEqual(left, [...topics.slice(1), `pipeline.default.other.${old}`].sort());
      assert.deepEqual(await store.scopes('pipeline/', { limit: 10 }), [
        scopes[1],
        `pipeline/default/counts2/${old}/0`,
      ]);
    } finally {
      await log.close();
      await store.close();
      one.remove();
      other.remove();
    }
  });

  it('are removed once all processes want the same, also where the store was away in between', async () => {
    const world = createFakeWorld();
    const told: unknown[] = [];
    const answers = [false, new Error('away'), true, true];
    let removed = 0;
    const ended = removeOnceAgreed({
      world,
      isInForce: () => true,
      async isAgreed() {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer ?? assert.fail('asked too often');
      },
      async remove() {
        removed++;
        if (removed === 1) throw new Error('away again');
      },
      failed: error => void told.push(String(error)),
    });
    await world.pass(40_000);
    await ended;
    assert.equal(removed, 2);
    assert.deepEqual(told, ['Error: away'], 'once');
  });

  it('stay when another definition is in force meanwhile', async () => {
    const world = createFakeWorld();
    let isInForce = true;
    const none = async () => assert.fail('removed');
    const ended = removeOnceAgreed({
      world,
      isInForce: () => isInForce,
      isAgreed: async () => false,
      remove: none,
      failed() {},
    });
    await world.pass(15_000);
    isInForce = false;
    await world.pass(10_000);
    await ended;
  });
});

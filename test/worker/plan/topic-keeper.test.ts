// Topics whose partitions are refused: consumers start on them, and the rest is tried until it is
// in force.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import type { EventLog, TopicSettings } from '../../../drivers/event-log/event-log.ts';
import { keepTopics } from '../../../worker/plan/topic-keeper.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const wanted: TopicSettings = { partitions: 3, retentionMs: 3_600_000 };
const plan = { name: 'orders', settings: wanted, deleteWithResource: false };
const PAUSE_MS = 2_000;

/** One topic that has 4 partitions, and settings that cannot be changed while there is an error. */
function logWithFour() {
  const state = { error: undefined as TenfoldError | undefined, partitions: 4, kept: undefined as unknown };
  const log: EventLog = {
    ...createFakeLog(),
    bounds: async () => Array.from({ length: state.partitions }, () => ({ start: 0, end: 0 })),
    async ensureTopic(_, settings) {
      const { partitions } = state;
      if (settings.partitions < partitions) throw new TenfoldError('conflict', `It has ${partitions} partitions.`);
      if (state.error) throw state.error;
      state.kept = settings;
    },
  };
  return { log, state };
}

describe('a topic whose partitions are refused, as it is kept', () => {
  for (const code of ['forbidden', 'log-unavailable', 'conflict'] as const) {
    it(`is ready where its other settings fail with ${code}, and gets them once they can be had`, async () => {
      const world = createFakeWorld();
      const { log, state } = logWithFour();
      state.error = new TenfoldError(code, 'They cannot be altered.');
      const told: unknown[] = [];
      const topics = keepTopics(world, log, (_, error) => told.push(error));
      topics.apply([plan]);
      await topics.ready('orders');
      assert.deepEqual(topics.missing, []);
      assert.match(String(told), /It has 4 partitions\. Its other settings are not in force: They cannot be altered\./);
      state.error = undefined;
      await world.pass(PAUSE_MS);
      assert.deepEqual(state.kept, { ...wanted, partitions: 4 });
      topics.close();
    });
  }

  it('is told of each new problem, once', async () => {
    const world = createFakeWorld();
    const errors = ['forbidden', 'forbidden', 'log-unavailable', 'log-unavailable'] as const;
    let tries = 0;
    const log: EventLog = {
      ...createFakeLog(),
      ensureTopic: () => Promise.reject(new TenfoldError(errors[tries++] ?? 'log-unavailable', 'It cannot be made.')),
    };
    const told: unknown[] = [];
    const topics = keepTopics(world, log, (_, error) => told.push(error instanceof TenfoldError && error.code));
    topics.apply([plan]);
    await assert.rejects(topics.ready('orders'));
    for (const _ of errors) await world.pass(PAUSE_MS);
    assert.ok(tries >= errors.length);
    assert.deepEqual(told, ['forbidden', 'log-unavailable']);
    topics.close();
  });
});

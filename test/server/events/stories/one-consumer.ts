// One consumer of a Topic over a real log, whose commits, parking log and dead letters a test
// writes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { deadTopicOf, parkingLogTopicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog, LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { createDeadLetterControl } from '../../../../server/events/control/dead-letter-control.ts';
import type { Deeds } from '../../../../server/events/stories/deeds.ts';
import { createStories, type StoriesOptions } from '../../../../server/events/stories/stories.ts';
import type { DeadLetter } from '../../../../worker/dispatch/settings.ts';
import { type Commit, composeCommit } from '../../../../worker/parking-log/commit.ts';
import { encodeParkingLogRecord } from '../../../../worker/parking-log/parking-log-codec.ts';
import type { Claim, OwnersRecord } from '../../../../worker/parking-log/parking-log-record.ts';
import { nameOfConsumer } from '../../../../worker/plan/event-plan.ts';
import type { ConsumerPlan } from '../../../../worker/plan/topic-plan.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { fakeResource } from '../../../fakes/platform-view.ts';
import { consumerPlan } from '../../../kills/stories/consumers.ts';

export const TOPIC = 'default.orders';
export const EVENTS = 10;
/** Only Views and Pipelines have state there. */
const noStore = { position: assert.fail, row: assert.fail, scan: assert.fail };

export function storiesOf(log: EventLog, plan: ConsumerPlan, letters: StoriesOptions['letters'], deeds?: Deeds) {
  const topic = fakeResource('Topic', 'orders', { spec: { kafka: { topic: TOPIC } } } as object);
  return createStories({
    world: realWorld,
    log,
    letters,
    store: noStore,
    consumers: () => [plan],
    views: { views: [] },
    pipelines: { pipelines: [] },
    resources: () => createResourceSet([topic]),
    ...(deeds === undefined ? {} : { deeds }),
  });
}

export function recordOf(offset: number): LogRecord {
  return { offset, timestamp: 0, key: 'k', value: Buffer.alloc(0), headers: {} };
}

export function letter(offset: number): DeadLetter {
  const given = { generation: 0, reason: 'refused', error: undefined, attempts: 1, at: 1000, held: false } as const;
  return { partition: 0, offset, ...given, record: recordOf(offset) };
}

/** Has a log, and the plan of a consumer that has begun nothing, for each test of a suite. */
export function useOneConsumer() {
  let log: EventLog;
  let plan: ConsumerPlan;
  let written = 0;

  beforeEach(async () => {
    plan = consumerPlan('wall', TOPIC);
    written = 0;
    log = await openInlineLog(join(tempFolder(), 'tenfold.db'));
    await log.ensureTopic(TOPIC, { partitions: 1 });
    const { group } = plan.settings;
    for (const topic of [parkingLogTopicOf(group), deadTopicOf(group)]) await log.ensureTopic(topic, { partitions: 1 });
    for (let offset = 0; offset < EVENTS; offset++) {
      const headers = { ce_specversion: '1.0', ce_id: `e${offset}`, ce_source: '/shop', ce_type: 'OrderCreated' };
      await log.append(TOPIC, [{ key: 'k', value: Buffer.alloc(0), headers }]);
    }
  });
  afterEach(async () => {
    await log.close();
    removeTempFolders();
  });

  const commit = (more: Partial<Commit>) => {
    const { group } = plan.settings;
    const whole = { position: 0, top: 0, holes: [], parkingLog: { offset: 0, claim: -1, seq: 1 }, by: -1, ...more };
    return log.seek(group, TOPIC, new Map([[0, composeCommit(whole).position]]));
  };
  const claim = async (checkpoint?: Claim['checkpoint']) => {
    const record = encodeParkingLogRecord({ type: 'claim', nonce: 'n', checkpoint }, 0);
    const [place] = await log.append(parkingLogTopicOf(plan.settings.group), [record]);
    written = 0;
    return place?.offset ?? -1;
  };
  const write = async (by: number, record: OwnersRecord) => {
    const signed = encodeParkingLogRecord({ ...record, claim: by, seq: ++written }, 0);
    await log.append(parkingLogTopicOf(plan.settings.group), [signed]);
  };

  return {
    get log() {
      return log;
    },
    get plan() {
      return plan;
    },
    set plan(next) {
      plan = next;
    },
    letters: () =>
      createDeadLetterControl(realWorld, log, () => [{ name: nameOfConsumer(plan), group: plan.settings.group }]),
    commit,
    claim,
    write,
  };
}

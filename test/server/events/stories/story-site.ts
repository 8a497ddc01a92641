// All that takes events, over a real log and store, with functions that a test plays. What became
// of the events is asked for as the admin API does.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AuditEntry } from '../../../../admin/audit-view.ts';
import type { ConsumerStory, EventStory, JobStory, StoryQuery } from '../../../../admin/story-view.ts';
import { createJobSignals } from '../../../../core/jobs/job-signals.ts';
import { topicOf } from '../../../../core/names.ts';
import { realWorld } from '../../../../core/world.ts';
import { openFolderBlobStore } from '../../../../drivers/blob-store/folder/folder-blob-store.ts';
import { openDatabase } from '../../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../../drivers/store/sqlite/sqlite-store.ts';
import { loadText } from '../../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { consumerFor } from '../../../../server/events/consumer-deps.ts';
import { createDeadLetterControl } from '../../../../server/events/control/dead-letter-control.ts';
import { createFanOutControl } from '../../../../server/events/control/fan-out-control.ts';
import { createJobList } from '../../../../server/events/control/job-list.ts';
import { createFindControl } from '../../../../server/events/finding/find-control.ts';
import { shareDeliveries } from '../../../../server/events/reports/shared-deliveries.ts';
import { letterOwnerOfView } from '../../../../server/events/reports/view-reports.ts';
import { runFanOuts } from '../../../../server/events/run-fan-outs.ts';
import { letterOwnersOf, runPipelines } from '../../../../server/events/run-pipelines.ts';
import { createDeeds } from '../../../../server/events/stories/deeds.ts';
import { createJobStories } from '../../../../server/events/stories/job-stories.ts';
import type { ScanLimits } from '../../../../server/events/stories/log-scan.ts';
import { createStories } from '../../../../server/events/stories/stories.ts';
import { databaseThread } from '../../../../server/storage/embedded.ts';
import type { CallRequest } from '../../../../worker/deliver/caller.ts';
import type { ConsumerDeps } from '../../../../worker/deliver/create-consumer.ts';
import { RecentDeliveries, withTimes } from '../../../../worker/deliver/recent-deliveries.ts';
import { silentObserver } from '../../../../worker/dispatch/observer.ts';
import { createEventPlane } from '../../../../worker/event-plane.ts';
import { compileEvents } from '../../../../worker/plan/compile.ts';
import { nameOfConsumer } from '../../../../worker/plan/event-plan.ts';
import { createViewPlane } from '../../../../worker/view-plane.ts';
import type { OpenLog } from '../../../event-plane/logs.ts';

const NEVER = new AbortController().signal;
const thread = databaseThread();
const silentStage = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
const noItems = () => ({ items: async () => ({ items: [] }) });
const noSearch = {
  ensureIndex: async () => assert.fail(),
  dropIndex: async () => assert.fail(),
  change: async () => assert.fail(),
  pointAliases: async () => assert.fail(),
  indexes: async () => [],
};

/** The answer of a function: its status, and its body as JSON. */
export interface Played {
  readonly status: number;
  readonly headers?: readonly string[];
  readonly body?: unknown;
}

export interface StorySiteOptions {
  /** Documents of one line each, parts of them divided by `; `. */
  readonly app: string;
  /** For the database and the objects. */
  readonly folder: string;
  readonly log: OpenLog;
  readonly limits?: ScanLimits;
  /** How far the clock of the workers is behind that of the log, milliseconds. */
  behindMs?(): number;
  /** The stories have the times of deliveries. */
  readonly timed?: boolean;
  /** The audit log, the newest first. */
  audit?(): readonly AuditEntry[];
  /** By the name of the function, or the origin of a callback's receiver. */
  play(name: string, request: CallRequest): Played | Promise<Played>;
}

export async function openStorySite({
  app,
  folder,
  log: openLog,
  limits,
  behindMs = () => 0,
  audit,
  timed = false,
  play,
}: StorySiteOptions) {
  const world = realWorld;
  const database = await openDatabase({ world, file: join(folder, 'test.db'), thread });
  const log = await openLog(database, folder);
  const store = await openSqliteStore({ world, database });
  const blobs = await openFolderBlobStore({ world, database, folder: join(folder, 'blobs') });
  const documents = app.trim().split('\n');
  const yaml = documents.map(document => `apiVersion: tenfold.dev/v1alpha1\n${document.replaceAll('; ', '\n')}`);
  const { resources, problems } = loadText('app.yaml', yaml.join('\n---\n'));
  assert.deepEqual(problems, []);
  const set = createResourceSet(resources);
  const plan = compileEvents(set, { storage: true, kafka: false });
  assert.deepEqual(plan.findings, []);
  const callerOf = (name: string) => ({
    label: name,
    async call(request: CallRequest) {
      const { status, headers = ['content-type', 'application/json'], body } = await play(name, request);
      return { status, headers, body: Buffer.from(body === undefined ? '' : JSON.stringify(body)) };
    },
  });
  const recent = timed ? new RecentDeliveries() : undefined;
  const deps: ConsumerDeps = {
    world: { ...world, now: () => world.now() - behindMs() },
    log,
    store,
    blobs,
    signals: createJobSignals(),
    resources: () => set,
    callerOf: (_namespace, { function: name = '' }) => callerOf(name),
    strangerOf: (_namespace, origin) => callerOf(origin),
    secrets: () => ({ key: 'whsec_c2VjcmV0' }),
    recent,
    problem: (message, error) => assert.fail(`${message}: ${error}`),
  };
  for (const { name, settings } of plan.topics) await log.ensureTopic(name, settings);
  const owners = [
    ...plan.consumers.map(each => ({ name: nameOfConsumer(each), group: each.settings.group })),
    ...plan.views.map(each => letterOwnerOfView(each.resource)),
    ...plan.pipelines.flatMap(letterOwnersOf),
  ];
  const letters = createDeadLetterControl(world, log, () => owners);
  const sources = {
    world,
    log,
    store,
    letters,
    consumers: () => plan.consumers.filter(({ role }) => role !== 'callbacks'),
    views: { views: plan.views.map(each => ({ plan: each })) },
    pipelines: { pipelines: plan.pipelines.map(each => ({ plan: each })) },
    resources: () => set,
    jobs: {
      queues: createJobList(log, store),
      fanOuts: createFanOutControl({
        world,
        storage: { log, store },
        reports: async () => [],
        resources: () => set,
      }),
      plans: () => plan.consumers,
    },
    ...(recent && { deliveries: shareDeliveries({ world, recent: [recent], hints: undefined, id: 'one' }) }),
    ...(limits === undefined ? {} : { limits }),
    ...(audit && {
      deeds: createDeeds({ world, audit: { list: async () => ({ items: audit() }) }, operations: noItems }),
    }),
  };
  const stories = { ...createStories(sources), ...createJobStories(sources) };
  const finding = createFindControl({ world, log, store, index: undefined, resources: () => set });
  const start = async () => {
    const plane = createEventPlane({
      world,
      log,
      store,
      consumerFor(each) {
        const handlers = consumerFor(each, deps);
        const { group } = each.settings;
        return { ...handlers, destination: withTimes(handlers.destination, { recent, group, world }) };
      },
      isPaused: async () => false,
      observerFor: () => silentObserver,
      problem: deps.problem,
    });
    const views = createViewPlane({
      world,
      log,
      store,
      search: noSearch,
      callerOf: deps.callerOf,
      recent,
      observerFor: () => silentStage,
      problem: deps.problem,
    });
    const pipelines = runPipelines(deps, {}, () => {});
    const { plane: fanOuts } = runFanOuts(world, deps, blobs, () => {});
    plane.apply(plan);
    views.apply(plan.views);
    pipelines.apply(plan.pipelines);
    fanOuts.apply(plan.fanOuts);
    const all = [plane, views, pipelines, fanOuts];
    await Promise.all(all.map(each => each.settled()));
    return async () => void (await Promise.all(all.map(each => each.close(1_000))));
  };

  return {
    log,
    store,
    letters,
    /** As the list of jobs reads them. */
    jobs: sources.jobs.queues,
    plan,
    fanOuts: sources.jobs.fanOuts,
    /** Resolves with what stops it again. */
    start,
    /** Appends an event; resolves to its `PARTITION-OFFSET`. */
    async publish(topic: string, data: unknown, more: { readonly key?: string; readonly id?: string } = {}) {
      const headers = {
        ce_specversion: '1.0',
        ce_id: more.id ?? `e${++published}`,
        ce_source: '/shop',
        ce_type: 'OrderCreated',
        'content-type': 'application/json',
      };
      const value = Buffer.from(JSON.stringify(data));
      const [at = assert.fail()] = await log.append(topicOf('default', topic), [
        { key: more.key ?? null, value, headers },
      ]);
      return `${at.partition}-${at.offset}`;
    },
    tell: (topic: string, id: string, query: StoryQuery = {}): Promise<EventStory> =>
      stories.tell('default', topic, id, query, new AbortController().signal),
    tellJob: (kind: 'Queue' | 'FanOut', name: string, id: string, signal = NEVER): Promise<JobStory> =>
      stories.tellJob({ kind, namespace: 'default', name }, id, {}, signal),
    /** The job with this id, as it is found. */
    findJob: async (job: string) =>
      (await finding.find({ namespace: 'default', job, limit: 10 }, new AbortController().signal)).items,
    /** The stories at one consumer, without its name. */
    async at(name: string, topic: string, id: string): Promise<Omit<ConsumerStory, 'consumer'>[]> {
      const { consumers } = await this.tell(topic, id);
      return consumers
        .filter(({ consumer }) => `${consumer.kind}/${consumer.name}` === name)
        .map(({ consumer: _, ...rest }) => rest);
    },
    async close() {
      await blobs.close();
      await store.close();
      await log.close();
      await database.close();
    },
  };
}

let published = 0;

// Pipelines over the real log and store: compiled from resources as they are written, with
// what they hand on read back.
import assert from 'node:assert/strict';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { fromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { topicOf } from '../../../core/names.ts';
import { realWorld, type World } from '../../../core/world.ts';
import type { BlobStore } from '../../../drivers/blob-store/blob-store.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet, type ResourceSet } from '../../../resources/resource-set.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { ConsumerDeps } from '../../../worker/deliver/create-consumer.ts';
import { ensureAtLeast } from '../../../worker/dispatch/group/ensure-at-least.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import type { StageObserver } from '../../../worker/fold/stage.ts';
import { type RunningPipeline, runPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { compileEvents } from '../../../worker/plan/compile.ts';
import type { OpenTable } from '../../../worker/tables/open-table.ts';

const silentStage: StageObserver = { trouble() {}, superseded() {}, jumped() {}, refused() {} };

/** Documents of one line each, parts of them divided by `; `. */
export function resourcesOf(text: string): ResourceSet {
  const documents = text.trim().split('\n');
  const yaml = documents.map(document => `apiVersion: tenfold.dev/v1alpha1\n${document.replaceAll('; ', '\n')}`);
  const { resources, problems } = loadText('app.yaml', yaml.join('\n---\n'));
  assert.deepEqual(problems, []);
  return createResourceSet(resources);
}

export interface StartOptions {
  readonly log: EventLog;
  readonly store: Store;
  /** For archives. */
  readonly blobs?: BlobStore;
  readonly resources: ResourceSet;
  readonly world?: World;
  readonly caller?: Caller;
  readonly observer?: StageObserver;
  /** For tables of databases. */
  readonly openTable?: OpenTable;
}

/** Makes the topics, and runs the only Pipeline. */
export async function startPipeline(options: StartOptions): Promise<RunningPipeline> {
  const { log, store, resources, world = realWorld, observer = silentStage } = options;
  const { pipelines, topics, findings } = compileEvents(resources, { storage: true, kafka: false });
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
  );
  for (const { name, settings } of topics) await ensureAtLeast(log, name, settings);
  const [plan = assert.fail('no pipeline')] = pipelines;
  const deps: ConsumerDeps = {
    world,
    log,
    store,
    blobs: options.blobs,
    signals: { changed() {}, watch: () => () => {} } as never,
    resources: () => resources,
    callerOf: () => options.caller ?? assert.fail('nothing is called'),
    strangerOf: () => assert.fail('nothing is called'),
    secrets: () => undefined,
    openTable: options.openTable,
    problem: (message, error) => assert.fail(`${message}: ${error}`),
  };
  return runPipeline({ deps, plan, observer, dispatchObserverFor: () => silentObserver });
}

/** In which all goes so much faster. */
export function fastWorld(factor: number): World {
  return {
    ...realWorld,
    monotonic: () => realWorld.monotonic() * factor,
    after: (ms, run) => realWorld.after(ms / factor, run),
  };
}

let number = 0;

interface Place {
  readonly key?: string;
  readonly time?: string;
  readonly partition?: number;
  readonly id?: string;
}

/** To the partition of the key, or to the one that is named. */
export function publish(log: EventLog, topic: string, data: unknown, place: Place = {}): Promise<void> {
  return publishAll(log, topic, [{ data, ...place }]);
}

/** At once: no window takes a busy machine's pause between two of them for silence. */
export async function publishAll(
  log: EventLog,
  topic: string,
  events: readonly (Place & { readonly data: unknown })[],
): Promise<void> {
  const records = events.map(({ data, key = null, time, partition, id = `e${++number}` }) => {
    const event: CloudEvent = {
      specversion: '1.0',
      id,
      source: '/test',
      type: 'Test',
      data,
      ...(time ? { time } : {}),
    };
    return { ...toRecord(event, key), ...(partition === undefined ? {} : { partition }) };
  });
  await log.append(topicOf('default', topic), records);
}

/** All events of a topic, partition by partition. */
export async function eventsOf(log: EventLog, topic: string): Promise<CloudEvent[]> {
  const name = topicOf('default', topic);
  const events: CloudEvent[] = [];
  for (const [partition, { start }] of ((await log.bounds(name)) ?? []).entries()) {
    for (let from = start; ; ) {
      const { records, next } = await log.read(name, partition, from, { maxRecords: 1000, maxBytes: 1 << 22 });
      if (records.length === 0) break;
      events.push(...records.map(record => fromRecord(record)));
      from = next;
    }
  }
  return events;
}

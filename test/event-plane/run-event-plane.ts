// Topics and queues as a whole: the endpoints, SQLite and a folder, dispatchers with the real
// composition of consumers, functions over HTTP.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createJobSignals } from '../../core/jobs/job-signals.ts';
import { parkingLogTopicOf, topicOf } from '../../core/names.ts';
import { childContext } from '../../core/trace-context.ts';
import { realWorld } from '../../core/world.ts';
import { openFolderBlobStore } from '../../drivers/blob-store/folder/folder-blob-store.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../drivers/store/sqlite/sqlite-store.ts';
import { type AddressPolicy, createAddressCheck } from '../../gateway/transport/address-policy.ts';
import { createTransport } from '../../gateway/transport/create-transport.ts';
import { callTarget } from '../../gateway/upstream/buffered-call.ts';
import { createUrlTarget } from '../../gateway/upstream/url-target.ts';
import { loadText } from '../../resources/load/load-text.ts';
import { createResourceSet } from '../../resources/resource-set.ts';
import { databaseThread } from '../../server/storage/embedded.ts';
import type { Caller } from '../../worker/deliver/caller.ts';
import { type ConsumerDeps, createCallbackConsumer, createConsumer } from '../../worker/deliver/create-consumer.ts';
import { type Dispatcher, startDispatcher } from '../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../worker/dispatch/observer.ts';
import type { DispatchSettings } from '../../worker/dispatch/settings.ts';
import { encodeParkingLogRecord } from '../../worker/parking-log/parking-log-codec.ts';
import { callbackSettings, queueSettings, subscriptionSettings } from '../../worker/plan/settings.ts';
import { serveEndpoints } from '../gateway/accept/serve-endpoints.ts';
import type { OpenLog } from './logs.ts';
import { startFanOuts } from './start-fan-outs.ts';

const thread = databaseThread();

export interface EventPlaneRun {
  readonly yaml: string;
  /** For the database and the objects. */
  readonly folder: string;
  readonly log: OpenLog;
  readonly strangers?: AddressPolicy;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Addresses that stand in for functions, by name. */
  readonly functions?: Readonly<Record<string, string>>;
}

export async function runEventPlane({
  yaml,
  folder,
  log: openLog,
  strangers = { allowLoopback: true },
  secrets,
  functions,
}: EventPlaneRun) {
  const world = realWorld;
  const database = await openDatabase({ world, file: join(folder, 'test.db'), thread });
  const log = await openLog(database, folder);
  const store = await openSqliteStore({ world, database });
  const blobs = await openFolderBlobStore({ world, database, folder: join(folder, 'blobs') });
  const signals = createJobSignals();
  const { resources, problems } = loadText('app.yaml', yaml);
  assert.deepEqual(problems, []);
  const set = createResourceSet(resources);
  const transport = createTransport({
    checkAddress: createAddressCheck({ allowLoopback: true }),
    connectTimeoutMs: 1000,
  });
  const outside = createTransport({ checkAddress: createAddressCheck(strangers), connectTimeoutMs: 1000 });
  const callerOf = (through: typeof transport, url: string): Caller => ({
    label: `url ${url}`,
    async call({ maxAnswerBytes, trace = childContext(undefined), timeoutMs = 300_000, ...request }, signal) {
      const target = createUrlTarget(through, 'default', url);
      const { stream, ...rest } = request;
      const body = stream ? Readable.from(stream, { objectMode: false }) : rest.body;
      const answer = await callTarget(world, target, {
        ...rest,
        body,
        trace,
        timeoutMs,
        maxBody: maxAnswerBytes,
        signal,
      });
      return { status: answer.status, headers: answer.fields, body: answer.body };
    },
  });
  const deps: ConsumerDeps = {
    world,
    log,
    store,
    blobs,
    signals,
    resources: () => set,
    callerOf: (_namespace, { url, function: name = '' }) => callerOf(transport, url ?? functions?.[name] ?? ''),
    strangerOf: (_namespace, origin) => callerOf(outside, origin),
    secrets: () => secrets,
    problem: (message, error) => assert.fail(`${message}: ${error}`),
  };
  const dispatchers: Dispatcher[] = [];
  for (const topic of set.ofKind('Topic')) {
    const { metadata, spec } = topic;
    await log.ensureTopic(topicOf(metadata.namespace, metadata.name), { partitions: spec.partitions });
  }
  for (const subscription of set.ofKind('Subscription')) {
    const { metadata, spec } = subscription;
    const retention = set.get('Topic', metadata.namespace, spec.topic)?.spec.retention ?? Number.POSITIVE_INFINITY;
    const settings: DispatchSettings = {
      ...subscriptionSettings(subscription, topicOf(metadata.namespace, spec.topic), retention),
      from: 'earliest',
    };
    dispatchers.push(await startDispatcher({ world, log, settings, ...createConsumer(subscription, deps) }));
  }
  for (const queue of set.ofKind('Queue')) {
    const settings = queueSettings(queue);
    await log.ensureTopic(settings.topic, { partitions: queue.spec.partitions });
    const consumer = createConsumer(queue, deps);
    const observer = { ...silentObserver, parked: consumer.parked ?? silentObserver.parked };
    dispatchers.push(await startDispatcher({ world, log, settings, observer, ...consumer }));
    const calls = callbackSettings(queue);
    if (calls === undefined) continue;
    await log.ensureTopic(calls.topic, { partitions: 1 });
    dispatchers.push(await startDispatcher({ world, log, settings: calls, ...createCallbackConsumer(queue, deps) }));
  }
  const fanOuts = await startFanOuts(set, deps);
  const cancelJob = async (group: string, partition: number, event: number) => {
    await log.append(parkingLogTopicOf(group), [
      encodeParkingLogRecord({ type: 'command', verb: 'cancel', event, generation: 0 }, partition),
    ]);
  };
  const served = await serveEndpoints(yaml, log, {
    store,
    fanOuts: store,
    blobs,
    signals,
    cancelJob,
    checkCallback: createAddressCheck(strangers),
  });
  return {
    ...served,
    log,
    store,
    blobs,
    /** Whether who hands out a topic has read all of it. */
    async hasRead(topic: string) {
      const bounds = (await log.bounds(topic)) ?? assert.fail(`there is no topic ${topic}`);
      const views = [...dispatchers, ...fanOuts.dispatchers].map(({ view }) => view);
      const read = views.filter(({ group }) => group === topic).flatMap(({ partitions }) => partitions);
      return read.length === bounds.length && read.every(one => one.read >= (bounds[one.partition]?.end ?? Infinity));
    },
    async close() {
      await served.close();
      await Promise.all([fanOuts.close(), ...dispatchers.map(dispatcher => dispatcher.close(1000))]);
      await transport.destroy();
      await outside.destroy();
      await blobs.close();
      await store.close();
      await log.close();
      await database.close();
    },
  };
}

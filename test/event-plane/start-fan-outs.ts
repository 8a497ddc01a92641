// FanOuts of resources, run as the platform runs them: their state, and the dispatchers
// that divide, work and gather.
import assert from 'node:assert/strict';
import { fanOutSignalOf } from '../../core/fan-outs/job-signal.ts';
import { topicOf } from '../../core/names.ts';
import type { BlobStore } from '../../drivers/blob-store/blob-store.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { type ConsumerDeps, topicPublisherOf } from '../../worker/deliver/create-consumer.ts';
import { createDeadLetters } from '../../worker/dispatch/dead-letters/dead-letters.ts';
import { type Dispatcher, startDispatcher } from '../../worker/dispatch/dispatcher.ts';
import { createAnnouncer } from '../../worker/fan-outs/announce.ts';
import { createFanOutConsumer } from '../../worker/fan-outs/create-fan-out-consumer.ts';
import { createOutboxHandler } from '../../worker/fan-outs/outbox-handler.ts';
import { runFanOut } from '../../worker/fan-outs/run-fan-out.ts';
import { compileFanOuts } from '../../worker/plan/compile-fan-outs.ts';

export async function startFanOuts(set: ResourceSet, deps: ConsumerDeps) {
  const { world, log, store, blobs } = deps;
  const { fanOuts, topics, consumers } = compileFanOuts(set, ({ metadata }) =>
    topicOf(metadata.namespace, metadata.name),
  );
  for (const { name, settings } of topics) await log.ensureTopic(name, settings);
  const running: { close(graceMs: number): Promise<void> }[] = [];
  for (const { settings, resource } of fanOuts) {
    const { namespace, name, layout } = settings;
    const site = { world, log, store, blobs, settings };
    const { topic } = resource.spec.complete;
    const run = createOutboxHandler({
      site,
      itemLetters: () => createDeadLetters(world, log, layout.items),
      splitLetters: () => createDeadLetters(world, log, layout.splits),
      announce: topic ? createAnnouncer(site, topicPublisherOf(deps, namespace, topic), deps.problem) : async () => {},
      ended: ({ id }) => deps.signals.changed.tell(fanOutSignalOf(namespace, name, id)),
    });
    const observer = {
      trouble: (_: number, error: unknown) => console.error(error),
      superseded() {},
      jumped: () => assert.fail('nothing is deleted'),
      refused: (_: number, __: unknown, error: unknown) => assert.fail(String(error)),
    };
    const { upload } = resource.spec.on;
    const uploads = upload && { blobs: deps.blobs as BlobStore, rule: upload };
    running.push(await runFanOut({ site, observer, run, uploads }));
  }
  const dispatchers: Dispatcher[] = [];
  for (const { role, resource, settings } of consumers) {
    const consumer = createFanOutConsumer(role, resource as Resource<'FanOut'>, deps);
    dispatchers.push(await startDispatcher({ world, log, settings, ...consumer }));
  }
  return { dispatchers, close: () => Promise.all([...running, ...dispatchers].map(each => each.close(1000))) };
}

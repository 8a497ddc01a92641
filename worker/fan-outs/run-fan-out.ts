// Runs the state of one FanOut: the fold of its jobs' facts, and the outbox relay that carries out
// the consequences.
import { FAN_OUT_CONSUMER, FAN_OUT_PARTITIONS } from '../../core/fan-outs/layout.ts';
import { COPY_BYTES, type LogRecord } from '../../drivers/event-log/event-log.ts';
import { startFold } from '../fold/fold.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import type { FanOutSite } from './fan-out-settings.ts';
import { createFactFold } from './fold-facts.ts';
import type { StoredOutboxEntry } from './outbox.ts';
import { startOutboxRelay } from './outbox-relay.ts';
import { type WatchOptions, watchUploads } from './watch-uploads.ts';

export interface RunFanOutOptions {
  readonly site: FanOutSite;
  readonly observer: StageObserver;
  /** See `createOutboxHandler`. */
  run(entry: StoredOutboxEntry, partition: number): Promise<void>;
  /** The uploads that begin jobs. */
  readonly uploads?: Pick<WatchOptions, 'blobs' | 'rule'> | undefined;
}

export interface RunningFanOut {
  readonly fold: Stage;
  close(graceMs: number): Promise<void>;
}

/** Rejects when a topic or the log is not there yet. */
export async function runFanOut({ site, observer, run, uploads }: RunFanOutOptions): Promise<RunningFanOut> {
  const { world, log, store, settings } = site;
  const { layout, rules } = settings;
  await log.ensureTopic(layout.facts, { partitions: FAN_OUT_PARTITIONS, recordBytes: COPY_BYTES });
  const foldFacts = createFactFold(world, rules);
  let wake: (partition: number) => void = () => {};
  const fold = await startFold({
    world,
    log,
    store,
    observer,
    settings: {
      group: layout.facts,
      topic: layout.facts,
      consumer: FAN_OUT_CONSUMER,
      scopeOf: layout.scopeOf,
      unmarked: true,
      toChanges: (records: readonly LogRecord[], scope: string) =>
        foldFacts(records, scope, store, Number(scope.slice(scope.lastIndexOf('/') + 1))),
      refused: async () => {},
      applied: partition => wake(partition),
    },
  });
  const relay = startOutboxRelay({
    site,
    partitions: () => fold.partitions.map(({ partition }) => partition),
    run,
    trouble: observer.trouble,
  });
  wake = relay.wake;
  const watch =
    uploads &&
    watchUploads({
      ...uploads,
      site,
      // One partition has one owner, as far as anybody can tell.
      isOwned: () => fold.partitions.some(({ partition }) => partition === 0),
      trouble: error => observer.trouble(0, error),
    });
  return {
    fold,
    async close(graceMs) {
      await Promise.all([fold.close(graceMs), relay.close(), watch?.close()]);
    },
  };
}

// The product's dispatcher as a consumer of the simulation.
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { type DispatchObserver, silentObserver } from '../../../worker/dispatch/observer.ts';
import type { DispatchSettings, ShareSettings } from '../../../worker/dispatch/settings.ts';
import { ParkingLogTruth } from '../model/parking-log-truth.ts';
import type { Limits } from '../scenario/limits.ts';
import { type Consumer, GROUP, LEFT_OUT, shareIn, TOPIC } from './consumer.ts';

/** How long a stop may wait for what is in flight, milliseconds. */
const GRACE_MS = 5_000;

export function createDispatcherConsumer(): Consumer {
  return {
    name: 'dispatcher',
    hasParkingLog: true,
    truth: (broker, saw) => new ParkingLogTruth(broker, saw),
    async start({ world, log, limits, destination, deadLettered, saw }) {
      const settings = toSettings(limits);
      const { metadataBytes, readRecords, parkingLogRecords } = limits;
      const dispatcher = await startDispatcher({
        world,
        log,
        settings,
        destination,
        deadLettered,
        observer: listenFor(saw),
        limits: { metadataBytes, readRecords, parkingLogRecords },
      });
      return { close: () => dispatcher.close(GRACE_MS) };
    },
  };
}

function listenFor(saw: (sight: string) => void): DispatchObserver {
  return {
    ...silentObserver,
    jumped: () => saw('retention overtakes a reader'),
    superseded: (_, why) => saw(`an owner stops: ${why.replaceAll(/\d+/g, 'n')}`),
    tripped: failing => saw(failing ? 'the function is left alone' : 'the function is back'),
  };
}

export function toSettings(limits: Limits): DispatchSettings {
  const { attempts, withinMs, initialMs, batch, rate, maxAgeMs, shares, shareMax } = limits;
  return {
    group: GROUP,
    topic: TOPIC,
    order: limits.order,
    concurrency: limits.concurrency,
    rate: rate === 0 ? undefined : { count: rate, periodMs: 1_000 },
    share: shares === 0 ? undefined : toShare(shares, shareMax),
    batch: batch === 1 ? undefined : { size: batch, wait: 20, maxSize: 100_000 },
    retry: {
      attempts,
      within: withinMs === 0 ? undefined : withinMs,
      backoff: 'exponential',
      initial: initialMs,
      max: initialMs * 8,
    },
    maxAge: maxAgeMs === 0 ? undefined : maxAgeMs,
    delay: limits.delayMs,
    onExhausted: limits.onExhausted,
    parking: { maxKeys: limits.parkedKeys, maxSize: limits.parkedBytes },
    deadLetterRetention: 7 * 24 * 60 * 60 * 1_000,
    from: 'earliest',
    priority: 0,
    paused: false,
    filter: limits.filtered === 0 ? undefined : ({ headers }) => headers['ce_type'] !== LEFT_OUT,
  };
}

function toShare(count: number, max: number): ShareSettings {
  return {
    by: record => shareIn(count, record),
    weight: ({ headers }) => 1 + (Number(headers['ce_id'] ?? 0) % 3),
    max: max === 0 ? undefined : max,
  };
}

// The parts of the platform that the endpoints of topics, queues, views and FanOuts need.
import type { World } from '../../core/world.ts';
import {
  createEventEndpoints,
  type EventEndpoints,
  type EventEndpointsOptions,
} from '../../gateway/endpoints/event-endpoints.ts';
import { requestCancel } from '../../worker/dispatch/commands/cancel.ts';
import type { Shared } from '../shared/shared.ts';
import type { Storage } from '../storage/open-storage.ts';
import { createLostAttempts } from './control/lost-attempt.ts';
import type { RunningEvents } from './running-events.ts';
import { countWaitingJobs, partitionsOf } from './waiting-jobs.ts';

export interface EventEndpointsDeps {
  readonly world: World;
  readonly storage: Storage;
  readonly shared: Shared;
  readonly checkCallback: EventEndpointsOptions['checkCallback'];
  consumers(): RunningEvents['consumers'];
}

export function endpointsOf({ world, storage, shared, checkCallback, consumers }: EventEndpointsDeps): EventEndpoints {
  const { log, store, search, blobs } = storage;
  const lostAttemptAt = createLostAttempts(world, log);
  const { signals, viewSignals, incarnation, reminders } = shared;
  return createEventEndpoints({
    world,
    log,
    store,
    views: store,
    fanOuts: store,
    search,
    viewSignals,
    blobs,
    incarnation,
    reminders,
    signals,
    checkCallback,
    lostAttemptAt,
    cancelJob: (group, partition, offset) => requestCancel(log, group, partition, offset),
    waitingJobs: (group, topic) => countWaitingJobs(log, group, topic, partitionsOf(consumers(), group)),
  });
}

// The parts of a platform in the order in which they start; they stop in the reverse order.
import { adminPort, metrics } from './admin-parts.ts';
import { internalListenerPart, publicListenerPart, teamListenerPart } from './listener-parts.ts';
import { callbackConnections, outgoingConnections } from './network-parts.ts';
import { PartList } from './part-list.ts';
import { acceptor, eventPlane, functionHost, objects, plan } from './plan-parts.ts';
import type { PlatformParts } from './platform-part.ts';
import { announcement, announcer, debuggers, deliveries, resources, topics } from './resource-parts.ts';
import { backups, sharedBudgets, sharedState, storage } from './storage-parts.ts';
import { exportedMetrics, sharedTraces, tracing } from './tracing-parts.ts';

/** The values that are there before the first part starts. */
export type PlatformContext = Pick<
  PlatformParts,
  | 'options'
  | 'world'
  | 'callWorld'
  | 'debugPorts'
  | 'role'
  | 'directory'
  | 'dataFolder'
  | 'adminToken'
  | 'signInCodes'
  | 'keys'
  | 'progress'
  | 'log'
>;

export function platformParts(context: PlatformContext) {
  const { role, options } = context;
  const listens = role !== 'worker';
  return PartList.of(context)
    .with(tracing)
    .with(outgoingConnections)
    .with(callbackConnections)
    .with(functionHost)
    .with(plan)
    .with(storage)
    .with(backups)
    .with(sharedTraces)
    .with(sharedBudgets)
    .with(sharedState)
    .with(eventPlane)
    .with(acceptor)
    .with(objects)
    .with(metrics)
    .with(exportedMetrics)
    .with(adminPort)
    .withEach(listens ? [internalListenerPart] : [])
    .with(announcer)
    .with(deliveries)
    .with(resources)
    .with(debuggers)
    .with(topics)
    .withEach(listens ? (options.listenerPlaces ?? []).map(teamListenerPart) : [])
    .withEach(listens ? [publicListenerPart] : [])
    .with(announcement);
}

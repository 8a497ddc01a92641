// Opens the two listeners of the data plane over the plan in force.

import type { World } from '../core/world.ts';
import type { Callers } from '../gateway/doors/callers.ts';
import type { ConnectionCounts, ConnectionLimits } from '../gateway/doors/connection-guard.ts';
import type { AnsweredListener } from '../gateway/doors/door-events.ts';
import { type DoorServer, openDoor } from '../gateway/doors/door-server.ts';
import { createInternalDoor } from '../gateway/doors/internal-door.ts';
import { createPublicDoor, createUpgradeCheck } from '../gateway/doors/public-door.ts';
import { createClientReader } from '../gateway/http/client.ts';
import { parseNetworks } from '../gateway/http/networks.ts';
import { type CertificateFiles, followCertificate, readCertificate } from './certificate.ts';
import type { PlanInForce } from './plan-in-force.ts';
import type { GatewayLogEntry } from './platform-events.ts';

export interface DoorOptions {
  readonly world: World;
  readonly host: string;
  readonly port: number;
  readonly inForce: PlanInForce;
  readonly answered: AnsweredListener;
  readonly connections: { readonly limits: ConnectionSettings | undefined; readonly counts: ConnectionCounts };
}

/** `idle` in milliseconds. */
export interface ConnectionSettings extends ConnectionLimits {
  readonly idle: number;
}

/** A quarter for one client: many stand behind one address, and no three of them hold all. */
const DEFAULTS = { max: 10_000, perClient: 2_500, idle: undefined };

function boundsOf({ limits, counts }: DoorOptions['connections']) {
  const { max, perClient, idle } = limits ?? DEFAULTS;
  return { maxConnections: max, maxPerClient: perClient, idleMs: idle, counts };
}

export function openInternalDoor({
  inForce,
  answered,
  callers,
  connections,
  ...place
}: DoorOptions & { callers: Callers }) {
  return openDoor({
    ...place,
    ...boundsOf(connections),
    handle: createInternalDoor({
      world: place.world,
      callers,
      targetOf: (namespace, name) => inForce.functionTarget(namespace, name),
      eventTargetOf: (...at) => inForce.eventTarget(...at),
      timeoutOf: (namespace, name) => inForce.resources?.get('Function', namespace, name)?.spec.timeout,
      answered,
    }),
  });
}

export interface PublicDoorOptions extends DoorOptions {
  readonly trustedProxies: readonly string[];
  /** The listener speaks HTTPS with it, and follows the files. */
  readonly certificate: CertificateFiles | undefined;
  log(entry: GatewayLogEntry): void;
}

export async function openPublicDoor(
  options: PublicDoorOptions,
): Promise<Pick<DoorServer, 'address' | 'drain' | 'close'>> {
  const { inForce, answered, trustedProxies, certificate: files, log, connections, ...place } = options;
  const certificate = files && readCertificate(files);
  const door = await openDoor({
    ...place,
    certificate,
    ...boundsOf(connections),
    exempt: parseNetworks(trustedProxies),
    mayUpgrade: createUpgradeCheck(inForce.need),
    handle: createPublicDoor({
      world: place.world,
      answered,
      readClient: createClientReader(trustedProxies),
      plan: inForce.need,
    }),
  });
  const followed = files && certificate && followCertificate(place.world, files, certificate, door.renew, log);
  return {
    address: door.address,
    drain: door.drain,
    close(graceMs) {
      followed?.close();
      return door.close(graceMs);
    },
  };
}

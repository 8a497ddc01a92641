// Opens the two doors of the data plane over the plan in force.

import type { World } from '../core/world.ts';
import type { Callers } from '../gateway/doors/callers.ts';
import type { AnsweredListener } from '../gateway/doors/door-events.ts';
import { type DoorServer, openDoor } from '../gateway/doors/door-server.ts';
import { createInternalDoor } from '../gateway/doors/internal-door.ts';
import { createPublicDoor, createUpgradeCheck } from '../gateway/doors/public-door.ts';
import { createClientReader } from '../gateway/http/client.ts';
import { type CertificateFiles, followCertificate, readCertificate } from './certificate.ts';
import type { PlanInForce } from './plan-in-force.ts';
import type { GatewayLogEntry } from './platform-events.ts';

export interface DoorOptions {
  readonly world: World;
  readonly host: string;
  readonly port: number;
  readonly inForce: PlanInForce;
  readonly answered: AnsweredListener;
}

const MAX_CONNECTIONS = 10_000;

export function openInternalDoor({ inForce, answered, callers, ...place }: DoorOptions & { callers: Callers }) {
  return openDoor({
    ...place,
    maxConnections: MAX_CONNECTIONS,
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
  /** With it the door speaks HTTPS, and follows the files. */
  readonly certificate: CertificateFiles | undefined;
  log(entry: GatewayLogEntry): void;
}

export async function openPublicDoor(
  options: PublicDoorOptions,
): Promise<Pick<DoorServer, 'address' | 'drain' | 'close'>> {
  const { inForce, answered, trustedProxies, certificate: files, log, ...place } = options;
  const certificate = files && readCertificate(files);
  const door = await openDoor({
    ...place,
    certificate,
    maxConnections: MAX_CONNECTIONS,
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

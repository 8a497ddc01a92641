// Opens the listeners of the data plane over the plan in force: internal,
// public, and those of teams.

import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import { createClientReader } from '../../gateway/http/client.ts';
import { parseNetworks } from '../../gateway/http/networks.ts';
import type { AnsweredListener } from '../../gateway/listeners/answered.ts';
import type { CauseKeys } from '../../gateway/listeners/caller-keys.ts';
import type { Callers } from '../../gateway/listeners/callers.ts';
import type { ConnectionCounts, ConnectionLimits } from '../../gateway/listeners/connection-guard.ts';
import { createInternalHandler } from '../../gateway/listeners/internal-listener.ts';
import { type ListenerServer, openListener } from '../../gateway/listeners/listener-server.ts';
import { createPublicHandler, createUpgradeCheck } from '../../gateway/listeners/public-listener.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import { type CertificateFiles, followCertificate, readCertificate } from './certificate.ts';

export interface ListenerOptions {
  readonly world: World;
  readonly host: string;
  readonly port: number;
  readonly inForce: PlanInForce;
  readonly answered: AnsweredListener;
  /** Undefined where no spans are recorded. */
  readonly tracer: Tracer | undefined;
  readonly connections: { readonly limits: ConnectionSettings | undefined; readonly counts: ConnectionCounts };
}

/** `idle` in milliseconds. */
export interface ConnectionSettings extends ConnectionLimits {
  readonly idle: number;
}

/** A quarter for one client: many stand behind one address, and no three of them hold all. */
const DEFAULTS = { max: 10_000, perClient: 2_500, idle: undefined };

function boundsOf({ limits, counts }: ListenerOptions['connections']) {
  const { max, perClient, idle } = limits ?? DEFAULTS;
  return { maxConnections: max, maxPerClient: perClient, idleMs: idle, counts };
}

export function openInternalListener({
  inForce,
  answered,
  tracer,
  callers,
  causeKeyFor,
  connections,
  ...place
}: ListenerOptions & CauseKeys & { callers: Callers }) {
  return openListener({
    ...place,
    ...boundsOf(connections),
    refused: refusal => answered({ listener: 'internal', ...refusal }),
    handle: createInternalHandler({
      world: place.world,
      callers,
      targetOf: (namespace, name) => inForce.functionTarget(namespace, name),
      eventTargetOf: (...at) => inForce.eventTarget(...at),
      timeoutOf: (namespace, name) => inForce.resources?.get('Function', namespace, name)?.spec.timeout,
      causeKeyFor,
      answered,
      tracer,
    }),
  });
}

/** A listener that is for some namespaces. */
export interface ListenerPlace {
  readonly name: string;
  readonly port: number;
  /** Without it the address that all listen on. */
  readonly host?: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly connections?: ConnectionSettings | undefined;
  readonly certificate?: CertificateFiles | undefined;
}

export interface PublicListenerOptions extends ListenerOptions {
  /** Of the listener. */
  readonly name: string;
  readonly trustedProxies: readonly string[];
  /** The listener speaks HTTPS with it, and follows the files. */
  readonly certificate: CertificateFiles | undefined;
  log(entry: GatewayLogEntry): void;
}

export async function openPublicListener(
  options: PublicListenerOptions,
): Promise<Pick<ListenerServer, 'address' | 'drain' | 'close'>> {
  const { inForce, answered, tracer, name, trustedProxies, certificate: files, log, connections, ...place } = options;
  const plan = () => inForce.need(name);
  const certificate = files && readCertificate(files);
  const listener = await openListener({
    ...place,
    certificate,
    ...boundsOf(connections),
    exempt: parseNetworks(trustedProxies),
    mayUpgrade: createUpgradeCheck(plan),
    refused: refusal => answered({ listener: name, ...refusal }),
    handle: createPublicHandler({
      world: place.world,
      answered,
      tracer,
      readClient: createClientReader(trustedProxies),
      plan,
      name,
    }),
  });
  const followed = files && certificate && followCertificate(place.world, files, certificate, listener.renew, log);
  return {
    address: listener.address,
    drain: listener.drain,
    close(graceMs) {
      followed?.close();
      return listener.close(graceMs);
    },
  };
}

/** One that is for some namespaces; `common` holds for all of them. */
export function openTeamListener(
  common: Omit<PublicListenerOptions, 'name' | 'trustedProxies' | 'certificate'>,
  counts: ConnectionCounts,
  host: string,
  { connections: limits, ...place }: ListenerPlace,
) {
  const connections = { limits, counts };
  return openPublicListener({ ...common, certificate: undefined, ...place, host: place.host ?? host, connections });
}

// The values that the parts of a platform give each other, by name. A part names the ones that it
// needs and the ones that it gives.

import type { Server } from 'node:http';
import type { Authenticator } from '../../admin/access/authenticator.ts';
import type { BackupControl } from '../../admin/backup-view.ts';
import type { SignInCodes } from '../../admin/console/sign-in-codes.ts';
import type { Live } from '../../admin/live/live.ts';
import type { Addresses, PlatformView } from '../../admin/platform-view.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import type { World } from '../../core/world.ts';
import type { FunctionHost } from '../../drivers/function-host/function-host.ts';
import type { DebugPorts } from '../../drivers/function-host/local/debug/debug-ports.ts';
import type { PlanEnvironment } from '../../gateway/compile/plan-environment.ts';
import type { EventEndpoints, EventEndpointsOptions } from '../../gateway/endpoints/event-endpoints.ts';
import type { AnsweredListener } from '../../gateway/listeners/answered.ts';
import type { CallerKeys } from '../../gateway/listeners/caller-keys.ts';
import type { ListenerServer } from '../../gateway/listeners/listener-server.ts';
import type { SecretReader } from '../../gateway/plan/plan-context.ts';
import type { PlanStateStore } from '../../gateway/plan/plan-state.ts';
import type { AddressCheck } from '../../gateway/transport/address-policy.ts';
import type { Transport } from '../../gateway/transport/transport.ts';
import type { Acceptor, Catalog } from '../../resources/catalog/catalog.ts';
import type { Announcer } from '../announcement.ts';
import type { ScheduledBackups } from '../backup/scheduled-backups.ts';
import type { Role } from '../config/roles.ts';
import type { RunningEvents } from '../events/running-events.ts';
import type { KeptLines } from '../functions/kept-lines.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Objects } from '../objects/create-objects.ts';
import type { PlanInForce } from '../plan-in-force.ts';
import type { GatewayLogEntry } from '../platform-events.ts';
import type { PlatformOptions } from '../platform-options.ts';
import type { Shared } from '../shared/shared.ts';
import type { Storage } from '../storage/open-storage.ts';
import type { SharedKept } from '../tracing/share-kept.ts';
import type { Tracing } from '../tracing/start-tracing.ts';
import type { Part } from './part.ts';

/** The state that changes while a platform starts, runs and ends. */
export interface Progress {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  addresses: Addresses;
  /** Undefined until the resources have been read. */
  catalog: Catalog | undefined;
  closing: boolean;
}

export type OpenListener = Pick<ListenerServer, 'address' | 'drain' | 'close'>;

export interface PlatformParts {
  // These are there before the first part starts.
  readonly options: PlatformOptions;
  readonly world: World;
  /** The world of calls and deliveries: its time stands still while a debugger holds a function. */
  readonly callWorld: World;
  /** Undefined where no debugger finds functions. */
  readonly debugPorts: DebugPorts | undefined;
  readonly role: Role;
  /** The absolute path of the application. */
  readonly directory: string;
  /** The folder of the database. */
  readonly dataFolder: string;
  readonly adminToken: string;
  /** They open the Console without the token. */
  readonly signInCodes: SignInCodes;
  readonly keys: CallerKeys;
  readonly progress: Progress;
  readonly log: (entry: GatewayLogEntry) => void;

  // The parts give these, in the order of their starts.
  /** Both undefined where no spans are exported. */
  readonly tracing: Tracing | undefined;
  readonly tracer: Tracer | undefined;
  readonly checkAddress: AddressCheck;
  readonly transport: Transport;
  readonly callbacks: Transport;
  readonly checkCallback: EventEndpointsOptions['checkCallback'];
  readonly functions: FunctionHost;
  /** The lines that they wrote. */
  readonly lines: Pick<KeptLines, 'read'>;
  readonly secrets: SecretReader;
  readonly planState: PlanStateStore;
  readonly inForce: PlanInForce;
  /** Undefined where nothing can be kept. */
  readonly storage: Storage | undefined;
  readonly backup: BackupControl;
  /** Undefined where none are scheduled. */
  readonly scheduledBackups: ScheduledBackups | undefined;
  /** Undefined where no other process exports spans of the same traces. */
  readonly keptTraces: SharedKept | undefined;
  /** The limits that processes share; undefined where there is no other process. */
  readonly budgets: (NonNullable<PlanEnvironment['budgets']> & { close(graceMs: number): Promise<void> }) | undefined;
  readonly shared: Shared;
  readonly plane: RunningEvents;
  /** The endpoints of topics, queues, views and FanOuts; undefined where nothing can be kept. */
  readonly endpoints: EventEndpoints | undefined;
  readonly accept: Acceptor;
  readonly objects: Objects;
  readonly metrics: Metrics;
  readonly answered: AnsweredListener;
  /** Undefined where no metrics are sent to a collector. */
  readonly metricsExport: { close(): Promise<void> } | undefined;
  readonly view: PlatformView;
  readonly adminServer: Server;
  readonly live: Live;
  readonly authenticators: readonly Authenticator[];
  readonly announcer: Announcer;
  readonly catalog: Catalog;
}

export type PlatformPart<Needs extends keyof PlatformParts, Gives extends keyof PlatformParts = never> = Part<
  Pick<PlatformParts, Needs>,
  Pick<PlatformParts, Gives>
>;

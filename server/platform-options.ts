// The options that a platform is started with, and the parts that it has once it runs.
import type { Addresses, OwnAddresses, PlatformView } from '../admin/platform-view.ts';
import type { SettingReport } from '../admin/settings/settings-view.ts';
import type { DebugSettings } from '../drivers/function-host/local/debug/debug-ports.ts';
import type { Listeners } from '../resources/ownership/listeners.ts';
import type { OidcSettings } from './admin/callers/oidc.ts';
import type { ProxySettings } from './admin/callers/proxy.ts';
import type { BackupSchedule } from './backup/scheduled-backups.ts';
import type { ClusterSource } from './cluster/cluster-source.ts';
import type { Role } from './config/roles.ts';
import type { CertificateFiles } from './listeners/certificate.ts';
import type { ConnectionSettings, ListenerPlace } from './listeners/open-listeners.ts';
import type { PlatformEvents } from './platform-events.ts';
import type { Services, Storage } from './storage/open-storage.ts';
import type { ExportedLogs } from './tracing/exported-logs.ts';
import type { TracingSettings } from './tracing/settings.ts';

export interface AdminCallers {
  /** File of tokens. */
  readonly tokens?: string | undefined;
  readonly oidc?: OidcSettings | undefined;
  readonly proxy?: ProxySettings | undefined;
}

export interface PlatformOptions {
  /**
   * A whole platform without it. A gateway has the listeners, a worker the parts that take events;
   * both host functions and have an admin port.
   */
  readonly role?: Role;
  /**
   * Folder of the application: its resources and its functions' sources. In a cluster only for the
   * platform's own files.
   */
  readonly directory: string;
  /** Resources are followed, and functions run, in this cluster. */
  readonly cluster?: ClusterSource | undefined;
  /** Whether urls may lead to this machine itself. Without it yes, but not with a cluster. */
  readonly allowLoopback?: boolean | undefined;
  /**
   * Addresses that urls may lead to although they are refused otherwise: of the API server, or of
   * this machine.
   */
  readonly allowedAddresses?: readonly string[] | undefined;
  /** Targets of callbacks besides public addresses: names, addresses and networks. */
  readonly callbackHosts?: readonly string[] | undefined;
  /** Host names by which the admin port is called besides its own. */
  readonly adminHosts?: readonly string[] | undefined;
  /** Ends the start, which waits for services that are silent, and for a cluster that is away. */
  readonly signal?: AbortSignal;
  /** Whether to follow changes of resources and sources in files. */
  readonly watch: boolean;
  /** Debuggers find functions, which then wait for them; without it they find none. */
  readonly inspect?: DebugSettings | undefined;
  /**
   * Folder of the database; without it `.tenfold/data` of the application, for a gateway and a
   * worker one that ends with it.
   */
  readonly dataDirectory?: string | undefined;
  /** Copies of all data on the disk, by a schedule; without a folder none. */
  readonly backups?: (Omit<BackupSchedule, 'folder'> & { readonly folder?: string | undefined }) | undefined;
  /** Storage that the caller has opened, and closes after the platform. */
  readonly storage?: Storage;
  /** Address that ports listen on which have none of their own in `hosts`. */
  readonly host: string;
  readonly hosts?: { readonly [D in keyof OwnAddresses]?: string | undefined };
  /** 0 takes any free port. */
  readonly ports: { readonly public: number; readonly internal: number; readonly admin: number };
  /**
   * Addresses or networks of proxies in front of the public listener whose
   * X-Forwarded fields are believed.
   */
  readonly trustedProxies?: readonly string[];
  /** How many connections each listener takes, and for how long it keeps idle ones. */
  readonly connections?: { readonly [D in 'public' | 'internal']?: ConnectionSettings };
  /** The public listener speaks HTTPS with it. */
  readonly certificate?: CertificateFiles | undefined;
  /**
   * Which listener serves the routes of which namespaces; without it the
   * public one serves those of all.
   */
  readonly listeners?: Listeners | undefined;
  /** The addresses of the listeners besides the public one. */
  readonly listenerPlaces?: readonly ListenerPlace[] | undefined;
  /** Opens `/api` of the admin port; a new one each time without it. */
  readonly adminToken?: string | undefined;
  /** Other callers of `/api`, by the names that the configuration has under `admin`. */
  readonly adminCallers?: AdminCallers | undefined;
  /** Folder of the built Console; without it that of the package. */
  readonly consoleFolder?: string | undefined;
  /** Folder of the built frame of the documentation; without it that of the package. */
  readonly docsPagesFolder?: string | undefined;
  /**
   * The secret from which the keys of the internal listener are made; each start makes a new one
   * without it.
   */
  readonly internalSecret?: string | undefined;
  /**
   * The address at which functions reach the internal listener; the listener of this process
   * without it.
   */
  readonly internalUrl?: string | undefined;
  /**
   * Names of variables of this process that functions are given besides
   * harmless ones, such as PATH.
   */
  readonly passedVariables?: readonly string[];
  /** Files that no function reads, wherever they lie: those of secrets. */
  readonly privateFiles?: readonly string[];
  /** The services that keep data outside the database. */
  readonly services?: Services;
  /** The export of spans; without it no spans are recorded. */
  readonly tracing?: TracingSettings | undefined;
  /** The lines that this process writes, where they may go to the collector. */
  readonly exportedLogs?: ExportedLogs | undefined;
  /** Least important level that functions log; without it that of the runtime. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** The settings of the configuration, for the admin API. */
  readonly settings?: readonly SettingReport[];
  readonly events: Partial<PlatformEvents>;
}

export interface Platform {
  readonly addresses: Addresses;
  /** Opens `/api` of the admin port. */
  readonly adminToken: string;
  readonly view: PlatformView;
  /** Answers with an address of the Console that opens it once, signed in as the admin token. */
  openConsole(): string;
  /**
   * Reports that it is not ready any more and goes on as before for `noticeMs`, so that clients can
   * look elsewhere. Then it takes no more requests, lets those in flight end for at most `graceMs`,
   * and ends everything.
   */
  close(graceMs: number, noticeMs?: number): Promise<void>;
}

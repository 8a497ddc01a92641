// What a platform is started with, and what is there once it has.
import type { Addresses, PlatformView } from '../admin/platform-view.ts';
import type { CertificateFiles } from './certificate.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { Role } from './config/roles.ts';
import type { ConnectionSettings } from './open-doors.ts';
import type { Services, Storage } from './open-storage.ts';
import type { PlatformEvents } from './platform-events.ts';

export interface PlatformOptions {
  /** Without it all of a platform. A gateway has the doors, a worker what takes events; both host functions and have an admin port. */
  readonly role?: Role;
  /** Folder of the application: its resources and its functions' sources. With a cluster only for the platform's own files. */
  readonly directory: string;
  /** With it resources are followed there, and functions run there. */
  readonly cluster?: ClusterSource | undefined;
  /** Whether urls may lead to this machine itself. Without it yes, but not with a cluster. */
  readonly allowLoopback?: boolean | undefined;
  /** Where urls may lead although it is refused otherwise: to the API server, to this machine by an address of its own. */
  readonly allowedAddresses?: readonly string[] | undefined;
  /** Where callbacks may lead besides public addresses: names, addresses and networks. */
  readonly callbackHosts?: readonly string[] | undefined;
  /** Host names by which the admin port is called besides its own. */
  readonly adminHosts?: readonly string[] | undefined;
  /** Ends the start, which waits for services that are silent, and for a cluster that is away. */
  readonly signal?: AbortSignal;
  /** Whether to follow changes of resources and sources in files. */
  readonly watch: boolean;
  /** Folder of the database; without it `.tenfold/data` of the application, for a gateway and a worker one that ends with it. */
  readonly dataDirectory?: string | undefined;
  /** What is kept, where whoever starts the platform has opened it, and closes it after it. */
  readonly storage?: Storage;
  /** Address that ports listen on which have none of their own in `hosts`. */
  readonly host: string;
  readonly hosts?: { readonly [D in keyof Addresses]?: string | undefined };
  /** 0 takes any free port. */
  readonly ports: { readonly public: number; readonly internal: number; readonly admin: number };
  /** Addresses or networks of proxies in front of the public listener whose X-Forwarded fields are believed. */
  readonly trustedProxies?: readonly string[];
  /** How many connections each listener takes, and for how long it keeps idle ones. */
  readonly connections?: { readonly [D in 'public' | 'internal']?: ConnectionSettings };
  /** With it the public listener speaks HTTPS. */
  readonly certificate?: CertificateFiles | undefined;
  /** Opens `/api` of the admin port; a new one each time without it. */
  readonly adminToken?: string | undefined;
  /** What the keys of the internal listener are made of; a new one each time without it. */
  readonly internalSecret?: string | undefined;
  /** Where functions reach the internal listener; those of this process without it. */
  readonly internalUrl?: string | undefined;
  /** Names of variables of this process that functions are given besides harmless ones, such as PATH. */
  readonly passedVariables?: readonly string[];
  /** Files that no function reads, wherever they lie: those of secrets. */
  readonly privateFiles?: readonly string[];
  /** What is kept outside the database. */
  readonly services?: Services;
  /** Least important level that functions log; without it that of the runtime. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  readonly events: Partial<PlatformEvents>;
}

export interface Platform {
  readonly addresses: Addresses;
  /** Opens `/api` of the admin port. */
  readonly adminToken: string;
  readonly view: PlatformView;
  /**
   * Says that it is not ready any more and goes on as before for `noticeMs`, so that whoever sends requests can look elsewhere; then takes no more of
   * them, lets those in flight end for at most `graceMs`, and ends everything.
   */
  close(graceMs: number, noticeMs?: number): Promise<void>;
}

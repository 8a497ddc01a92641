// The settings of a process, each with the place where it is from, and the services that keep its
// things.

/** `option`: of the command line. `unset`: it is neither given, nor has it a default. */
export type SettingOrigin = 'default' | 'file' | 'variable' | 'option' | 'unset';

export interface SettingReport {
  /** e.g. `public.port`. */
  readonly name: string;
  /** The variable that sets it, e.g. `TENFOLD_PUBLIC_PORT`. */
  readonly variable: string;
  /** One sentence or two for people. */
  readonly meaning: string;
  /** The value is as it is written, or the place of a secret. It is absent for an unset one. */
  readonly value?: unknown;
  readonly secret?: true | undefined;
  readonly origin: SettingOrigin;
  /** e.g. `/etc/tenfold.yaml:3:7`, the name of the variable, or `--port`. */
  readonly from?: string | undefined;
}

/** A part of what a platform keeps, and the service that keeps it. */
export interface ServiceReport {
  readonly part: 'log' | 'store' | 'search' | 'blobs';
  /** e.g. `Kafka`, or `embedded`: in the database of the process. */
  readonly driver: string;
  readonly usable: boolean;
  /** A sentence, where it is not usable. */
  readonly reason?: string | undefined;
}

/** The process that answers, and what it works with. */
export interface ProcessReport {
  /** Name of its host, in a cluster that of its pod. */
  readonly host: string;
  readonly version: string;
  /** Version of Node.js. */
  readonly node: string;
  /** e.g. `linux x64`. */
  readonly system: string;
  readonly role: 'serve' | 'gateway' | 'worker';
  /** RFC 3339. */
  readonly startedAt: string;
  readonly services: readonly ServiceReport[];
}

export interface SettingsControl {
  /** Empty for a platform that was started without a configuration. */
  settings(): readonly SettingReport[];
  process(): ProcessReport;
}

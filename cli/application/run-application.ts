// Runs a platform until a signal asks it to stop; `dev` and `serve` differ only in what they print.
import { stat } from 'node:fs/promises';
import type { SettingReport } from '../../admin/settings/settings-view.ts';
import { type DebugSettings, UnknownToDebug } from '../../drivers/function-host/local/debug/debug-ports.ts';
import type { ClusterSource } from '../../server/cluster/cluster-source.ts';
import { toListeners } from '../../server/config/listeners.ts';
import { toFunctionLevel } from '../../server/config/log-levels.ts';
import type { Role } from '../../server/config/roles.ts';
import type { Config } from '../../server/config/schema.ts';
import { versionSkew } from '../../server/functions/version-skew.ts';
import type { CertificateFiles } from '../../server/listeners/certificate.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import type { PlatformEvents } from '../../server/platform-events.ts';
import type { ExportedLogs } from '../../server/tracing/exported-logs.ts';
import { readTracing } from '../../server/tracing/settings.ts';
import { CommandError } from '../command-error.ts';
import { assertCertificate } from './assert-certificate.ts';
import { listenError } from './listen-error.ts';
import { listenForStop } from './stop-signals.ts';

export interface Reporter {
  readonly events: Partial<PlatformEvents>;
  started(platform: Platform): void;
  stopping(signal: string): void;
  stopped(): void;
}

export interface Run {
  readonly role?: Role;
  /** Absolute. */
  readonly directory: string;
  readonly watch: boolean;
  readonly inspect?: DebugSettings | undefined;
  readonly config: Config;
  /** The secret files of the configuration: no function reads them. */
  readonly secretFiles: readonly string[];
  /** For the admin API. */
  readonly settings: readonly SettingReport[];
  readonly reporter: Reporter;
  /** The lines of the reporter, where they may go to a collector, too. */
  readonly exportedLogs?: ExportedLogs;
  /** Instead of the files of `directory`. */
  readonly cluster?: ClusterSource | undefined;
  /** Looks at the started platform; false stops it again. */
  accept?(platform: Platform): boolean;
}

/** Resolves when it has stopped; with false when the started platform was not accepted. */
export async function runApplication(run: Run): Promise<boolean> {
  const { config, reporter } = run;
  await assertFolder(run.directory);
  const { certificate } = config.public;
  for (const files of certificatesOf(config)) assertCertificate(files);
  const stop = listenForStop();
  const stopping = new AbortController();
  void stop.first.then(signal => {
    reporter.stopping(signal);
    stopping.abort(new Error(`It was stopped while it started (${signal}).`));
  });
  try {
    const platform = await startUnlessStopped(run, certificate, stopping.signal);
    if (platform && run.accept?.(platform) === false) {
      await platform.close(0);
      return false;
    }
    const wasStarted = !stopping.signal.aborted;
    if (platform && wasStarted) reporter.started(platform);
    await stop.first;
    // No client sends requests to a process that was never ready.
    await platform?.close(config.drain, wasStarted ? config.drainDelay : 0);
    reporter.stopped();
    return true;
  } finally {
    stop.ignore();
  }
}

/**
 * A start may take as long as a needed service is away, so it listens to stop requests meanwhile.
 */
async function startUnlessStopped(
  run: Run,
  certificate: CertificateFiles | undefined,
  signal: AbortSignal,
): Promise<Platform | undefined> {
  try {
    return await start(run, certificate, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
}

async function start(
  { role = 'serve', directory, watch, inspect, config, secretFiles, settings, reporter, exportedLogs, cluster }: Run,
  certificate: CertificateFiles | undefined,
  signal: AbortSignal,
) {
  const { host, admin, internal, functions } = config;
  const ports = { public: config.public.port, internal: internal.port, admin: admin.port };
  const { tracing, warnings } = readTracing(config.tracing, process.env, role);
  // In a cluster each Function brings an image of its own.
  const skew = cluster === undefined ? versionSkew(directory) : undefined;
  const found = skew === undefined ? warnings : [...warnings, skew];
  for (const message of found) reporter.events.gatewayLog?.({ level: 'warn', message, fields: {} });
  try {
    return await startPlatform({
      role,
      directory,
      watch,
      inspect,
      cluster,
      allowLoopback: functions.allowLoopback,
      allowedAddresses: functions.allowedAddresses,
      callbackHosts: config.callbacks.hosts,
      adminHosts: admin.hosts,
      signal,
      dataDirectory: config.data,
      backups: config.backups,
      host,
      hosts: { public: config.public.host, internal: internal.host, admin: admin.host },
      ports,
      connections: { public: config.public.connections, internal: internal.connections },
      trustedProxies: config.public.trustedProxies,
      certificate,
      listeners: toListeners(config),
      listenerPlaces: config.listeners,
      adminToken: admin.token,
      adminCallers: admin,
      internalSecret: internal.secret,
      internalUrl: functions.internalUrl,
      passedVariables: functions.env,
      privateFiles: [...secretFiles, ...certificatesOf(config).map(({ key }) => key), ...tokensOf(config)],
      logLevel: functions.logLevel ?? toFunctionLevel(config.logLevel),
      services: config,
      settings,
      tracing,
      exportedLogs,
      events: reporter.events,
    });
  } catch (error) {
    if (error instanceof UnknownToDebug) throw unknownToDebug(error);
    throw listenError(error, ports, config.listeners, { showsCommand: watch }) ?? error;
  }
}

function unknownToDebug(cause: UnknownToDebug): CommandError {
  const hint = 'name a Function that has a source; the folder comes first: "tenfold dev DIR --inspect=NAME".';
  return new CommandError('usage', cause.message, { cause, hint });
}

function certificatesOf({ public: { certificate }, listeners }: Config): CertificateFiles[] {
  return [certificate, ...listeners.map(one => one.certificate)].filter(one => one !== undefined);
}

function tokensOf({ admin: { tokens } }: Config): string[] {
  return tokens === undefined ? [] : [tokens];
}

async function assertFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found) throw new CommandError('no-folder', `There is no folder ${directory}.`);
  if (!found.isDirectory()) throw new CommandError('no-folder', `${directory} is a file; an application is a folder.`);
}

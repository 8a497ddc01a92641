// Runs a platform until a signal asks it to stop; `dev` and `serve` differ only in what they print.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CertificateFiles } from '../../server/certificate.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import type { PlatformEvents } from '../../server/platform-events.ts';
import { CommandError } from '../command-error.ts';
import type { LogLevel } from '../log-level.ts';
import type { Terminal } from '../terminal.ts';
import type { ApplicationOptions } from './application-options.ts';
import { certificateOf } from './certificate-options.ts';
import { listenError } from './listen-error.ts';
import { listenForStop } from './stop-signals.ts';

export interface Reporter {
  readonly events: Partial<PlatformEvents>;
  started(platform: Platform): void;
  stopping(signal: string): void;
  stopped(): void;
}

export interface Run {
  readonly terminal: Pick<Terminal, 'cwd' | 'env'>;
  readonly directory: string;
  readonly watch: boolean;
  readonly options: ApplicationOptions & { readonly logLevel: LogLevel };
  readonly reporter: Reporter;
  /** Looks at the started platform; false stops it again. */
  accept?(platform: Platform): boolean;
}

const MIN_TOKEN = 16;

/** Resolves when it has stopped; with false when the started platform was not accepted. */
export async function runApplication(run: Run): Promise<boolean> {
  const { options, reporter } = run;
  await assertFolder(run.directory);
  const certificate = certificateOf(options, run.terminal.cwd);
  const stop = listenForStop();
  try {
    const platform = await start(run, certificate);
    if (run.accept?.(platform) === false) {
      await platform.close(0);
      return false;
    }
    reporter.started(platform);
    reporter.stopping(await stop.first);
    await platform.close(options.grace);
    reporter.stopped();
    return true;
  } finally {
    stop.ignore();
  }
}

async function start(run: Run, certificate: CertificateFiles | undefined): Promise<Platform> {
  const { terminal, directory, watch, options, reporter } = run;
  const ports = { public: options.port, internal: options.internalPort, admin: options.adminPort };
  try {
    return await startPlatform({
      directory: resolve(directory),
      watch,
      ...(options.data === undefined ? {} : { dataDirectory: resolve(terminal.cwd, options.data) }),
      host: options.host,
      ports,
      trustedProxies: options.trustedProxy,
      certificate,
      adminToken: adminTokenOf(terminal.env),
      logLevel: functionLevel(options.logLevel),
      events: reporter.events,
    });
  } catch (error) {
    throw listenError(error, ports) ?? error;
  }
}

function adminTokenOf(env: Terminal['env']): string | undefined {
  const token = env['TENFOLD_ADMIN_TOKEN'];
  if (token === undefined || token === '') return undefined;
  if (token.length >= MIN_TOKEN) return token;
  throw new CommandError('usage', `TENFOLD_ADMIN_TOKEN has ${token.length} characters, too few to be a secret.`, {
    hint: `give it at least ${MIN_TOKEN}, such as those of "openssl rand -hex 24".`,
  });
}

/** Functions know fewer levels than a log may have. */
function functionLevel(level: LogLevel): 'debug' | 'info' | 'warn' | 'error' {
  if (level === 'trace') return 'debug';
  return level === 'fatal' || level === 'silent' ? 'error' : level;
}

async function assertFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found) throw new CommandError('no-folder', `There is no folder ${directory}.`);
  if (!found.isDirectory()) throw new CommandError('no-folder', `${directory} is a file; an application is a folder.`);
}

// The variables of a function's process. The one place that makes them: what is not named here or
// in a resource stays with the platform.
import type { FunctionDefinition } from '../function-host.ts';

/** Variables that programs of this machine need to run at all, and that hold no secrets. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LD_LIBRARY_PATH'],
  ...['LANG', 'LANGUAGE', 'TZ', 'TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR'],
  ...['NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
]);

/**
 * Variables that only the platform sets for functions: passing one on would configure the runtime
 * by accident.
 */
export function isReservedVariable(name: string): boolean {
  return name.startsWith('TENFOLD_') || name === 'NODE_OPTIONS' || name === 'PORT';
}

export interface EnvironmentSources {
  /** The platform's own. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** Names of further variables of it that functions are given. */
  readonly passed: readonly string[];
  /**
   * Variables that the platform sets for every function, e.g. address and key
   * of the internal listener.
   */
  readonly told: Readonly<Record<string, string>>;
}

export function functionEnvironment(
  definition: FunctionDefinition,
  { own, passed, told }: EnvironmentSources,
): Record<string, string> {
  const isGiven = (name: string) =>
    !isReservedVariable(name) && (HARMLESS.has(name) || name.startsWith('LC_') || passed.includes(name));
  const given = Object.entries(own).flatMap(([name, value]) =>
    value === undefined || !isGiven(name) ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(given), ...told, ...definition.env, ...runtimeEnvironment(definition) };
}

/** The part that is about this one function. */
export function runtimeEnvironment(definition: FunctionDefinition): Record<string, string> {
  return {
    PORT: '0',
    TENFOLD_HOST: '127.0.0.1',
    TENFOLD_FUNCTION_NAME: definition.name,
    TENFOLD_TIMEOUT_MS: String(definition.timeoutMs),
    TENFOLD_CONCURRENCY: String(definition.concurrency),
    TENFOLD_MAX_BODY: String(definition.maxBodyBytes),
  };
}

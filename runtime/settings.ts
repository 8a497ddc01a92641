// The one place that reads the environment: all settings of the process, checked as a whole before
// anything starts.
import { basename } from 'node:path';
import { suggest } from '../core/suggest.ts';
import { parseSize } from '../core/units/size.ts';
import { DEFAULT_TIMEOUT_MS, MAX_INTERNAL_TIMEOUT_MS } from '../core/wire.ts';
import type { LogLevel } from '../sdk/context.ts';

export interface Settings {
  /** Path of the function's module. */
  readonly module: string;
  readonly functionName: string;
  /** Calls that a platform makes for another namespace are refused; undefined: none are. */
  readonly namespace: string | undefined;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly timeoutMs: number;
  /** Requests worked on at the same time; 0 is unlimited. */
  readonly concurrency: number;
  /** Requests that may wait for their turn. */
  readonly queue: number;
  readonly maxBodyBytes: number;
  readonly logLevel: LogLevel;
  /** How long requests in flight may take to end after SIGTERM. */
  readonly graceMs: number;
  readonly internalUrl: string | undefined;
  readonly internalKey: string | undefined;
  /** Whether its developer alone calls it, who may learn what other callers may not. */
  readonly development: boolean;
  /**
   * Whether debuggers hold functions of its platform: then only the platform holds time limits, as
   * its time stands still meanwhile.
   */
  readonly inspected: boolean;
  /** Whether it is asked for its routes alone, and gets no calls. */
  readonly describes: boolean;
  /** Which code it is, for people; undefined: nobody said. */
  readonly version: string | undefined;
  /** The file of a key that is replaced while we run, such as a token of the pod. */
  readonly internalKeyFile: string | undefined;
}

export interface ReadSettings {
  /** Undefined when there are problems. */
  readonly settings: Settings | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const KNOWN = [
  'TENFOLD_FUNCTION',
  'TENFOLD_FUNCTION_NAME',
  'TENFOLD_NAMESPACE',
  'TENFOLD_HOST',
  'TENFOLD_TIMEOUT_MS',
  'TENFOLD_CONCURRENCY',
  'TENFOLD_QUEUE',
  'TENFOLD_MAX_BODY',
  'TENFOLD_LOG_LEVEL',
  'TENFOLD_GRACE_MS',
  'TENFOLD_INTERNAL_URL',
  'TENFOLD_INTERNAL_KEY',
  'TENFOLD_INTERNAL_KEY_FILE',
  'TENFOLD_DEVELOPMENT',
  'TENFOLD_INSPECT',
  'TENFOLD_DESCRIBE',
];
const DEFAULT_PORT = 8080;
const DEFAULT_CONCURRENCY = 50;
const DEFAULT_QUEUE = 100;
const DEFAULT_MAX_BODY = '1Mi';
const DEFAULT_GRACE_MS = 30_000;
const MAX_COUNT = 1_000_000;

export function readSettings(environment: Environment, args: readonly string[]): ReadSettings {
  const problems: string[] = [];
  const integer = (name: string, otherwise: number, min: number, max: number): number => {
    const text = environment[name];
    if (text === undefined || text === '') return otherwise;
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value;
    problems.push(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
    return otherwise;
  };
  const module = args[0] ?? environment['TENFOLD_FUNCTION'] ?? '';
  if (module === '') problems.push('No function is given: pass the path of its module, or set TENFOLD_FUNCTION.');
  const settings: Settings = {
    module,
    functionName: environment['TENFOLD_FUNCTION_NAME'] || basename(module).replace(/\.[^.]*(\.gz)?$/, ''),
    namespace: environment['TENFOLD_NAMESPACE'] || undefined,
    host: environment['TENFOLD_HOST'] || '0.0.0.0',
    port: integer('PORT', DEFAULT_PORT, 0, 65_535),
    timeoutMs: integer('TENFOLD_TIMEOUT_MS', DEFAULT_TIMEOUT_MS, 1, MAX_INTERNAL_TIMEOUT_MS),
    concurrency: integer('TENFOLD_CONCURRENCY', DEFAULT_CONCURRENCY, 0, MAX_COUNT),
    queue: integer('TENFOLD_QUEUE', DEFAULT_QUEUE, 0, MAX_COUNT),
    maxBodyBytes: readSize(environment, problems),
    logLevel: readLevel(environment, problems),
    graceMs: integer('TENFOLD_GRACE_MS', DEFAULT_GRACE_MS, 0, MAX_INTERNAL_TIMEOUT_MS),
    internalUrl: readUrl(environment, problems),
    internalKey: environment['TENFOLD_INTERNAL_KEY'] || undefined,
    internalKeyFile: environment['TENFOLD_INTERNAL_KEY_FILE'] || undefined,
    development: environment['TENFOLD_DEVELOPMENT'] === '1',
    inspected: environment['TENFOLD_INSPECT'] === '1',
    describes: environment['TENFOLD_DESCRIBE'] === '1',
    // Knative names the revision of each of its pods.
    version: environment['K_REVISION'] || undefined,
  };
  return { settings: problems.length === 0 ? settings : undefined, problems, warnings: warningsOf(environment) };
}

function readSize(environment: Environment, problems: string[]): number {
  const text = environment['TENFOLD_MAX_BODY'] || DEFAULT_MAX_BODY;
  const bytes = parseSize(text);
  if (bytes === undefined) problems.push(`TENFOLD_MAX_BODY must be a size such as 1Mi, not ${JSON.stringify(text)}.`);
  return bytes ?? 0;
}

function readLevel(environment: Environment, problems: string[]): LogLevel {
  const text = environment['TENFOLD_LOG_LEVEL'] || 'info';
  const level = LEVELS.find(known => known === text);
  if (level === undefined)
    problems.push(`TENFOLD_LOG_LEVEL must be one of ${LEVELS.join(', ')}, not ${JSON.stringify(text)}.`);
  return level ?? 'info';
}

function readUrl(environment: Environment, problems: string[]): string | undefined {
  const text = environment['TENFOLD_INTERNAL_URL'] || undefined;
  if (text !== undefined && (!URL.canParse(text) || !text.startsWith('http://'))) {
    problems.push(
      `TENFOLD_INTERNAL_URL must be an address such as http://127.0.0.1:8081, not ${JSON.stringify(text)}.`,
    );
  }
  return text;
}

function warningsOf(environment: Environment): string[] {
  const unknown = Object.keys(environment).filter(name => name.startsWith('TENFOLD_') && !KNOWN.includes(name));
  return unknown.map(name => {
    const near = suggest(name, KNOWN);
    return `The variable ${name} is not known and has no effect${near ? `; did you mean ${near}?` : '.'}`;
  });
}

// Puts the configuration together: what the command line says goes before variables, those before
// the file, that before defaults. All mistakes at once.
import { dirname, resolve } from 'node:path';
import { suggest } from '../../core/suggest.ts';
import { type Mistake, toMistakes } from '../../resources/load/issues.ts';
import { formatPath, valueAt } from '../../resources/load/path.ts';
import type { Origin, Path } from '../../resources/resource.ts';
import { FILE, FOLDER } from './fields.ts';
import { listenerMistakes } from './listener-mistakes.ts';
import { readDocument, readerOf } from './read-document.ts';
import { missingFor, type Process } from './roles.ts';
import { type Config, configSchema } from './schema.ts';
import { fromText, isSecret, type Setting, settingsOf, variableOf } from './settings.ts';

/** One value that the command line gives. */
export interface OptionValue {
  /** e.g. `public.port`. */
  readonly path: string;
  readonly value: unknown;
  /** e.g. `--port`. */
  readonly option: string;
}

export interface ConfigSources {
  readonly role: Process;
  /** Absolute. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly options?: readonly OptionValue[];
}

/**
 * The source of a value: a place in the file, the name of a variable or an option. Undefined: it is
 * a default or missing.
 */
export type Source = Origin | { readonly name: string } | undefined;

export interface ConfigProblem extends Pick<Mistake, 'message' | 'expected' | 'suggestion'> {
  readonly severity: 'error' | 'warning';
  /** e.g. `public.port`; empty for the whole. */
  readonly path: string;
  readonly source: Source;
}

export interface LoadedConfig {
  /** Undefined when there are errors. */
  readonly config: Config | undefined;
  readonly problems: readonly ConfigProblem[];
  /** The given values, without defaults. */
  readonly given: unknown;
  sourceOf(path: Path): Source;
  /** Names of the variables that hold secrets. */
  readonly secretVariables: readonly string[];
  /** Files that hold secrets, absolute. */
  readonly secretFiles: readonly string[];
}

/** Variables that begin as ours do and are none of the configuration's. */
const OTHERS =
  /^TENFOLD_(CONFIG|ADMIN_URL|INTERNAL_KEY|TEST_\w+|FUNCTION_NAME|TIMEOUT_MS|CONCURRENCY|QUEUE|MAX_BODY|GRACE_MS)$/;
/** The value that Kubernetes sets for a Service that is called as one of our ports is. */
const OF_A_SERVICE = /^(tcp|udp|sctp):\/\//;

export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { file, env, cwd, options = [], role } = sources;
  const document = file === undefined ? undefined : readDocument(file);
  if (document && document.errors.length > 0) {
    const problems = document.errors.map(
      ({ message, origin }): ConfigProblem => ({ severity: 'error', path: '', message, source: origin }),
    );
    return { config: undefined, problems, given: {}, secretVariables: [], secretFiles: [], sourceOf: () => undefined };
  }
  const given: Record<string, unknown> = { ...structuredClone(document?.value ?? {}) };
  const variables = Object.keys(env).filter(name => name.startsWith('TENFOLD_') && env[name] !== '');
  const settings = document || variables.length > 0 ? settingsOf() : [];
  const named = new Map<string, { readonly name: string }>();
  const warnings: ConfigProblem[] = [];

  resolvePaths(given, settings, file === undefined ? cwd : dirname(file));
  const put = (path: readonly string[], value: unknown, name: string) => {
    setAt(given, path, value);
    for (const inside of named.keys()) if (inside.startsWith(`${path.join('.')}.`)) named.delete(inside);
    named.set(path.join('.'), { name });
  };
  for (const variable of variables) {
    const text = env[variable] ?? '';
    const setting = settings.find(each => each.variable === variable);
    const pointed = settings.find(each => isSecret(each.node) && `${each.variable}_FILE` === variable);
    if (pointed) put(pointed.path, { file: resolve(cwd, text) }, variable);
    else if (setting && !(setting.variable.endsWith('_PORT') && OF_A_SERVICE.test(text)))
      put(setting.path, resolved(setting, fromText(setting, text), cwd), variable);
    else if (!setting) warnings.push(...unknownVariable(variable, settings));
  }
  for (const { path, value, option } of options) put(path.split('.'), value, option);

  const sourceOf = (path: Path, part: 'key' | 'value' = 'value'): Source => {
    for (let length = path.length; length > 0; length--) {
      const found = named.get(path.slice(0, length).join('.'));
      if (found) return found;
    }
    return document && valueAt(document.value, path) !== undefined ? document.locate(path, part) : undefined;
  };
  const schema = configSchema(readerOf(env));
  const result = schema.safeParse(given);
  const mistakes = result.success ? [] : toMistakes(result.error.issues, schema, given);
  const errors = [
    ...mistakes.map(mistake =>
      toProblem(mistake, sourceOf(mistake.path, mistake.at) ?? document?.locate(mistake.path, mistake.at)),
    ),
    ...(result.success ? listenerMistakes(result.data) : []).map(
      ({ path, message }): ConfigProblem => ({
        severity: 'error',
        path: formatPath(path),
        message,
        source: sourceOf(path),
      }),
    ),
    ...missingFor(role, given).map(
      ({ path, message }): ConfigProblem => ({
        severity: 'error',
        path: formatPath(path),
        message: `${message} ${howToSet(path)}`,
        source: document?.locate(path),
      }),
    ),
  ];
  const config = result.success && errors.length === 0 ? result.data : undefined;
  const secretsIn = (place: 'env' | 'file') =>
    settings.flatMap(({ node, path }) => {
      const name = isSecret(node) ? valueAt(given, [...path, place]) : undefined;
      return typeof name === 'string' ? [name] : [];
    });
  const [secretVariables, secretFiles] = [secretsIn('env'), secretsIn('file')];
  return { config, problems: [...errors, ...warnings], given, secretVariables, secretFiles, sourceOf };
}

function toProblem({ path, at, message, expected, suggestion }: Mistake, source: Source): ConfigProblem {
  const isMissing = at === 'value' && / is missing\.$/.test(message);
  return {
    severity: 'error',
    path: formatPath(path),
    message: isMissing ? `${message} ${howToSet(path)}` : message,
    source,
    ...(expected === undefined ? {} : { expected }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function howToSet(path: Path): string {
  const inFile = `Set ${formatPath(path)} in the file`;
  // An item of a list has no variable of its own.
  return path.some(part => typeof part === 'number') ? `${inFile}.` : `${inFile}, or ${variableOf(path.join('.'))}.`;
}

function unknownVariable(variable: string, settings: readonly Setting[]): ConfigProblem[] {
  if (OTHERS.test(variable)) return [];
  const suggestion = suggest(
    variable,
    settings.map(each => each.variable),
  );
  if (suggestion === undefined) return [];
  const message = `There is no setting ${variable}; it is left alone. Did you mean ${suggestion}?`;
  return [{ severity: 'warning', path: '', message, source: { name: variable }, suggestion }];
}

/** Paths that are written in a file are meant from its folder. */
function resolvePaths(given: Record<string, unknown>, settings: readonly Setting[], base: string): void {
  for (const setting of settings) {
    const value = valueAt(given, setting.path);
    if (value !== undefined) setAt(given, setting.path, resolved(setting, value, base));
  }
}

function resolved({ node }: Pick<Setting, 'node'>, value: unknown, base: string): unknown {
  const { items, properties } = node;
  if (items && Array.isArray(value)) return value.map(item => resolved({ node: items }, item, base));
  if (properties && !isSecret(node) && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const inner = properties[name];
        return [name, inner ? resolved({ node: inner }, member, base) : member];
      }),
    );
  }
  if (isSecret(node)) {
    const file = valueAt(value, ['file']);
    return typeof file === 'string' && file !== '' ? { ...(value as object), file: resolve(base, file) } : value;
  }
  const isPath = node.marks?.typeName === FILE || node.marks?.typeName === FOLDER;
  return isPath && typeof value === 'string' && value !== '' ? resolve(base, value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes the objects on the way where there are none. */
function setAt(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    object[name] = value;
    return;
  }
  const inner = object[name];
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  object[name] = next;
  setAt(next as Record<string, unknown>, rest, value);
}

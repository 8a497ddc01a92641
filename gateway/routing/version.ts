// Versions of an Api: how a request names one, and what to say when it names none that there is.
import { TenfoldError } from '../../core/errors.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Condition } from '../exchange/route-facts.ts';
import { fieldOf } from '../http/fields.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { Plan } from '../plan/plan.ts';

type VersionSpec = NonNullable<Resource<'Api'>['spec']['version']>;

export interface ApiVersion {
  /** Path at which its routes begin, base path included, without a trailing slash. */
  readonly basePaths: readonly string[];
  /** Undefined when the path says it. */
  readonly condition: Condition | undefined;
  /** Header that the answer depends on. */
  readonly vary: string | undefined;
}

/** `basePath`: without a trailing slash. */
export function compileVersion(version: VersionSpec | undefined, basePath: string): ApiVersion {
  if (!version) return { basePaths: [basePath], condition: undefined, vary: undefined };
  if (version.by === 'path') {
    const own = `/${version.name}${basePath}`;
    return { basePaths: version.default ? [own, basePath] : [own], condition: undefined, vary: undefined };
  }
  const wanted = (head: RequestHead) => namedIn(version, head) ?? (version.default ? version.name : undefined);
  const says = `version is ${version.name}`;
  const holds = (head: RequestHead) => wanted(head) === version.name;
  return {
    basePaths: [basePath],
    condition: { says: [says], holds, parts: [{ says, holds }] },
    vary: version.by === 'header' ? version.header : 'accept',
  };
}

/** Why nothing was found, when that is because of a version that is missing or unknown. */
export function explainVersion(plan: Plan, head: RequestHead): TenfoldError | undefined {
  const there = plan.candidates(head).filter(({ barredBy }) => barredBy === undefined);
  const versions = there.map(({ route }) => route.version).filter(version => version?.by !== 'path');
  const version = versions.find(each => each !== undefined);
  if (!version) return explainPath(plan, head);
  const names = namesOf(versions);
  const named = namedIn(version, head);
  // It is something else that the routes of this version ask for.
  if (named !== undefined && names.includes(named)) return undefined;
  const place = version.by === 'header' ? `the header ${version.header}` : 'Accept, such as application/json;version=';
  if (named === undefined) {
    return new TenfoldError('unknown-version', `Name a version in ${place}: there ${list(names)}.`);
  }
  const code = version.by === 'header' ? 'unknown-version' : 'not-acceptable';
  return new TenfoldError(code, `There is no version "${shown(named)}" of this API; there ${list(names)}.`);
}

/**
 * A version in the path is missing or unknown when another one in its place, or
 * in front, leads somewhere.
 */
function explainPath(plan: Plan, head: RequestHead): TenfoldError | undefined {
  const names = namesOf(plan.routes.map(({ version }) => (version?.by === 'path' ? version : undefined)));
  const leads = (rest: string) =>
    names.filter(name => plan.candidates({ ...head, path: `/${name}${rest}` }).length > 0);
  const unnamed = leads(head.path);
  if (unnamed.length > 0) {
    const message = `Name a version in front of the path, such as /${unnamed[0]}${head.path}; there ${list(unnamed)}.`;
    return new TenfoldError('unknown-version', message);
  }
  const slash = head.path.indexOf('/', 1);
  const others = slash === -1 ? [] : leads(head.path.slice(slash));
  if (others.length === 0) return undefined;
  const message = `There is no version "${shown(head.path.slice(1, slash))}" of this API; there ${list(others)}.`;
  return new TenfoldError('unknown-version', message);
}

function namedIn(version: VersionSpec, head: RequestHead): string | undefined {
  if (version.by === 'header') return fieldOf(head.fields, version.header);
  return versionInAccept(fieldOf(head.fields, 'accept'));
}

/**
 * The version that Accept prefers (RFC 9110 §12.5.1): of several the one with the greatest weight,
 * then the first. It is a parameter of the media type, or part of a vendor's own type name.
 */
export function versionInAccept(accept: string | undefined): string | undefined {
  if (accept === undefined || !/version|\/vnd\./i.test(accept)) return undefined;
  let best: string | undefined;
  let bestWeight = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...rest] = range.split(';');
    const parameters = new Map(rest.map(toParameter));
    const name = parameters.get('version') ?? versionInVendorType(type);
    const weight = Number(parameters.get('q') ?? 1);
    if (name === undefined || !(weight > bestWeight)) continue;
    best = name;
    bestWeight = weight;
  }
  return best;
}

/**
 * `application/vnd.shop.v2+json` and `application/vnd.github.v3.raw+json` name versions (RFC 6838
 * §3.2); names of types have no case.
 */
function versionInVendorType(type: string): string | undefined {
  const [, name = ''] = /^\s*[^/\s]+\/vnd\.([^+\s]+)/i.exec(type) ?? [];
  return name
    .toLowerCase()
    .split('.')
    .find(part => /^v[0-9]+$/.test(part));
}

function toParameter(text: string): [name: string, value: string] {
  const [name = '', value = ''] = text.split('=', 2);
  return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
}

function namesOf(versions: readonly (VersionSpec | undefined)[]): string[] {
  return [...new Set(versions.flatMap(version => version?.name ?? []))].sort();
}

function list(names: readonly string[]): string {
  return names.length === 1 ? `is ${names[0]}` : `are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}

// Aspects and policies for the resilience, caching, validation and compression that a route of an
// Api declares.
import { createHash } from 'node:crypto';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { createCacheCounts } from '../cache/cache-counts.ts';
import { cacheStep } from '../cache/cache-step.ts';
import { createCacheStore } from '../cache/cache-store.ts';
import { compressStep } from '../compression/compress-step.ts';
import type { Target } from '../exchange/target.ts';
import type { Owner } from '../plan/instruments.ts';
import type { Aspect, RouteSite } from '../plan/route-site.ts';
import { memberKey, type SplitChoice, type SplitSite, splitOf } from '../split/split-of.ts';
import { bufferSmallBody } from '../steps/buffer-body.ts';
import { timePhases } from '../steps/time-phases.ts';
import { validateBody } from '../steps/validate-body.ts';
import { protect } from '../upstream/policies/protect.ts';

/** For all cached answers of a process, in bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;

export const phases: Aspect = ({ route }) => timePhases(route.timeouts.connect, route.timeouts.idle);

export const requestSchema: Aspect = ({ route, context }) => {
  const { schema, maxBody } = route.request;
  if (schema === undefined) return undefined;
  const compile = context.state.keep('schema-compiler', createSchemaCompiler);
  return validateBody(
    context.state.keep(`schema/${hash(schema)}`, () => compile(schema)),
    maxBody,
  );
};

export const compression: Aspect = ({ api }) => (api.spec.compression ? compressStep(api.spec.compression) : undefined);

export const cache: Aspect = site => {
  const { context, api, route, basePath, key } = site;
  if (!route.cache) return undefined;
  const { world, state, instruments } = context;
  const store = state.keep('response-cache', () => createCacheStore(CACHE_BYTES));
  const counts = state.keep(`cache-counts/${key}`, createCacheCounts);
  instruments.cacheStore = store;
  instruments.caches.set(key, { owner: ownerOf(site, ''), value: counts });
  const { namespace, name } = api.metadata;
  return cacheStep({
    world,
    settings: route.cache,
    named: fieldsLookedAt(site),
    store,
    counts,
    owner: { namespace, name, route: basePath + route.match.path },
    // A route that was changed in any way begins with an empty cache.
    key: `${key} ${hash([route, api.spec.compression])}`,
    prepare: compression(site),
  });
};

/**
 * The fields by which a request found this route, and those that authentication writes for its
 * target.
 */
function fieldsLookedAt({ api, route, versionHeader }: RouteSite): string[] {
  const version = versionHeader === undefined ? [] : [versionHeader];
  return [...Object.keys(route.match.headers ?? {}), ...version, ...Object.keys(api.spec.auth?.jwt?.forward ?? {})];
}

export const bodyForRetries: Aspect = ({ route }) =>
  (route.retry && route.retry.attempts > 1) || route.failover !== undefined || [route.to].flat().length > 1
    ? bufferSmallBody
    : undefined;

/**
 * The targets of a route behind what it declares. Each of a split has its own breaker: one that
 * fails must not take the others with it.
 */
export function guardedTarget(site: RouteSite, choices: readonly SplitChoice[]): Target {
  const { context, key, route } = site;
  const { retry, circuitBreaker } = route;
  const firstByteMs = route.timeouts.firstByte;
  const [only, ...others] = choices;
  if (only && others.length === 0) {
    const protection = { firstByteMs, retry, circuitBreaker };
    return protect(context, memberKey(key, only), ownerOf(site, only.target.label), protection, only.target);
  }
  const guarded = choices.map(choice => {
    const owner = ownerOf(site, choice.target.label);
    return {
      ...choice,
      target: protect(context, memberKey(key, choice), owner, { firstByteMs, circuitBreaker }, choice.target),
    };
  });
  // A retry goes to another of them.
  const split = splitOf(splitSite(site), guarded);
  return protect(context, key, ownerOf(site, split.label), { retry }, split);
}

export function splitSite(site: RouteSite): SplitSite {
  return { context: site.context, key: site.key, owner: ownerOf(site, '') };
}

function ownerOf({ api, basePath, route }: RouteSite, target: string): Owner {
  const { namespace, name } = api.metadata;
  return { kind: 'Api', namespace, name, route: basePath + route.match.path, target };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}

// Compiled schemas of a registry. Each is requested once, by the first caller that needs it. A
// request in vain is not repeated with every record.
import { TenfoldError } from '../../../../core/errors.ts';
import { sleep, type World } from '../../../../core/world.ts';
import { compileSchema } from './compile-schema.ts';
import type { DataSchema } from './data-schema.ts';
import { askForSchema, type FoundSchema, type RegistryFetch, unavailable } from './registry-api.ts';

/** A schema that is of use, or why it is of none: it is not there, or cannot be read. */
export type Verdict = { readonly schema: DataSchema; readonly type: FoundSchema['type'] } | { readonly reason: string };

export interface LatestSchema {
  readonly id: number;
  readonly type: FoundSchema['type'];
  readonly schema: DataSchema;
}

export interface SchemaRegistry {
  /** At once where it is known. Rejects with `log-unavailable` where that cannot be told now. */
  byId(id: number): Verdict | Promise<Verdict>;
  /** The newest of a subject, or one of a moment ago. Rejects with `not-ready` where there is none that is of use, or `log-unavailable`. */
  latest(subject: string): LatestSchema | Promise<LatestSchema>;
}

export interface SchemaRegistryOptions {
  readonly world: World;
  readonly fetch: RegistryFetch;
  /** Schemas that are cached; 1,000 when left out. The least recently used go first. */
  readonly maxSchemas?: number;
}

const MAX_SCHEMAS = 1000;
/** A schema that was of no use may have been mended since. */
const REASON_AGE_MS = 60_000;
/** Registries of several replicas know new schemas at different times; a second look makes up for it, unless somebody makes numbers up. */
const SECOND_LOOK_MS = 300;
const LATEST_AGE_MS = 30_000;
/** So soon after an outage showed, nothing is asked. */
const PAUSE_MS = 500;

export function createSchemaRegistry({
  world,
  fetch,
  maxSchemas = MAX_SCHEMAS,
}: SchemaRegistryOptions): SchemaRegistry {
  const kept = new Map<number, { readonly verdict: Verdict; readonly at: number }>();
  const newest = new Map<string, { readonly found: LatestSchema; readonly at: number }>();
  const asked = new Map<string, Promise<unknown>>();
  let outage: { readonly error: unknown; readonly at: number } | undefined;
  let secondLookAt = Number.NEGATIVE_INFINITY;

  /** One question of a kind at a time; none for a moment after one found nobody. */
  const once = <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const under = asked.get(name) as Promise<T> | undefined;
    if (under) return under;
    if (outage && world.monotonic() - outage.at < PAUSE_MS) return Promise.reject(outage.error);
    const done = run().catch((error: unknown) => {
      if (error instanceof TenfoldError && error.code === 'log-unavailable') outage = { error, at: world.monotonic() };
      throw error;
    });
    asked.set(name, done);
    const forget = () => void asked.delete(name);
    done.then(forget, forget);
    return done;
  };

  const keep = (id: number, verdict: Verdict) => {
    kept.delete(id);
    kept.set(id, { verdict, at: world.monotonic() });
    for (const oldest of kept.keys()) {
      if (kept.size <= maxSchemas) break;
      kept.delete(oldest);
    }
    return verdict;
  };

  const compile = async (found: FoundSchema): Promise<Verdict> => {
    try {
      return { schema: await compileSchema(found), type: found.type };
    } catch (error) {
      return { reason: `cannot be used: ${error instanceof Error ? error.message : error}` };
    }
  };

  const find = async (id: number): Promise<Verdict> => {
    const look = () => askForSchema(fetch, `/schemas/ids/${id}`);
    try {
      const found = await look().catch(async (error: unknown) => {
        const isNews = isMissing(error) && world.monotonic() - secondLookAt > REASON_AGE_MS;
        if (!isNews) throw error;
        secondLookAt = world.monotonic();
        await sleep(world, SECOND_LOOK_MS);
        return look();
      });
      return keep(id, await compile(found));
    } catch (error) {
      if (isMissing(error)) return keep(id, { reason: 'is not in the schema registry' });
      if (error instanceof TenfoldError && error.code === 'unsupported')
        return keep(id, { reason: `cannot be used: ${error.message}` });
      throw error;
    }
  };

  const findLatest = async (subject: string): Promise<LatestSchema> => {
    const notReady = (why: string) =>
      new TenfoldError('not-ready', `The schema ${subject} ${why}.`, { retryAfterSeconds: 5 });
    const found = await askForSchema(fetch, `/subjects/${encodeURIComponent(subject)}/versions/latest`).catch(
      (error: unknown) => {
        if (isMissing(error)) throw notReady('is not in the schema registry');
        throw error;
      },
    );
    const { id, type } = found;
    if (id === undefined) throw unavailable('The schema registry does not say the number of a schema.');
    const known = kept.get(id);
    if (known && 'reason' in known.verdict) kept.delete(id);
    const verdict = known && 'schema' in known.verdict ? known.verdict : keep(id, await compile(found));
    if ('reason' in verdict) throw notReady(verdict.reason);
    const latest = { id, type, schema: verdict.schema };
    newest.set(subject, { found: latest, at: world.monotonic() });
    return latest;
  };

  return {
    byId(id) {
      const known = kept.get(id);
      if (known === undefined) return once(`id ${id}`, () => find(id));
      if ('reason' in known.verdict && world.monotonic() - known.at > REASON_AGE_MS)
        return once(`id ${id}`, () => find(id));
      // Schemas in use stay.
      kept.delete(id);
      kept.set(id, known);
      return known.verdict;
    },
    latest(subject) {
      const known = newest.get(subject);
      if (known === undefined) return once(`subject ${subject}`, () => findLatest(subject));
      // The known schema serves while a newer one is requested, and for as long as the registry
      // does not answer.
      if (world.monotonic() - known.at > LATEST_AGE_MS)
        once(`subject ${subject}`, () => findLatest(subject)).catch(() => {});
      return known.found;
    },
  };
}

const isMissing = (error: unknown) => error instanceof TenfoldError && error.code === 'not-found';

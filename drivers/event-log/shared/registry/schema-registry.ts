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
  /**
   * The newest of a subject, or one of a moment ago. Rejects with `not-ready` where there is none
   * that is of use, or `log-unavailable`.
   */
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
/**
 * Registries of several replicas know new schemas at different times; a second look makes up for
 * it, unless somebody makes numbers up.
 */
const SECOND_LOOK_MS = 300;
const LATEST_AGE_MS = 30_000;
/** So soon after an outage showed, nothing is asked. */
const PAUSE_MS = 500;

export function createSchemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  return new CachedRegistry(options);
}

class CachedRegistry implements SchemaRegistry {
  readonly #world: World;
  readonly #fetch: RegistryFetch;
  readonly #maxSchemas: number;
  /** By id, the least recently used first. */
  readonly #kept = new Map<number, { readonly verdict: Verdict; readonly at: number }>();
  /** By subject. */
  readonly #newest = new Map<string, { readonly found: LatestSchema; readonly at: number }>();
  /** Questions under way, by what they ask for. */
  readonly #asked = new Map<string, Promise<unknown>>();
  #outage: { readonly error: unknown; readonly at: number } | undefined;
  #secondLookAt = Number.NEGATIVE_INFINITY;

  constructor({ world, fetch, maxSchemas = MAX_SCHEMAS }: SchemaRegistryOptions) {
    this.#world = world;
    this.#fetch = fetch;
    this.#maxSchemas = maxSchemas;
  }

  byId(id: number): Verdict | Promise<Verdict> {
    const known = this.#kept.get(id);
    if (known === undefined) return this.#findOnce(id);
    if ('reason' in known.verdict && this.#world.monotonic() - known.at > REASON_AGE_MS) return this.#findOnce(id);
    // Schemas in use stay.
    this.#kept.delete(id);
    this.#kept.set(id, known);
    return known.verdict;
  }

  latest(subject: string): LatestSchema | Promise<LatestSchema> {
    const known = this.#newest.get(subject);
    if (known === undefined) return this.#findLatestOnce(subject);
    // The known schema serves while a newer one is requested, and for as long as the registry
    // does not answer.
    if (this.#world.monotonic() - known.at > LATEST_AGE_MS) this.#findLatestOnce(subject).catch(() => {});
    return known.found;
  }

  #findOnce(id: number): Promise<Verdict> {
    return this.#once(`id ${id}`, () => this.#find(id));
  }

  #findLatestOnce(subject: string): Promise<LatestSchema> {
    return this.#once(`subject ${subject}`, () => this.#findLatest(subject));
  }

  /** One question of a kind at a time; none for a moment after one found nobody. */
  #once<T>(name: string, run: () => Promise<T>): Promise<T> {
    const under = this.#asked.get(name) as Promise<T> | undefined;
    if (under) return under;
    if (this.#outage && this.#world.monotonic() - this.#outage.at < PAUSE_MS) return Promise.reject(this.#outage.error);
    const done = run().catch((error: unknown) => {
      if (error instanceof TenfoldError && error.code === 'log-unavailable')
        this.#outage = { error, at: this.#world.monotonic() };
      throw error;
    });
    this.#asked.set(name, done);
    const forget = () => void this.#asked.delete(name);
    done.then(forget, forget);
    return done;
  }

  async #find(id: number): Promise<Verdict> {
    try {
      return this.#keep(id, await compile(await this.#askFor(`/schemas/ids/${id}`)));
    } catch (error) {
      if (isMissing(error)) return this.#keep(id, { reason: 'is not in the schema registry' });
      if (error instanceof TenfoldError && error.code === 'unsupported')
        return this.#keep(id, { reason: `cannot be used: ${error.message}` });
      throw error;
    }
  }

  /** Looks a second time, now and then, where there is none. */
  async #askFor(path: string): Promise<FoundSchema> {
    try {
      return await askForSchema(this.#fetch, path);
    } catch (error) {
      const isNews = isMissing(error) && this.#world.monotonic() - this.#secondLookAt > REASON_AGE_MS;
      if (!isNews) throw error;
      this.#secondLookAt = this.#world.monotonic();
      await sleep(this.#world, SECOND_LOOK_MS);
      return await askForSchema(this.#fetch, path);
    }
  }

  async #findLatest(subject: string): Promise<LatestSchema> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const found = await askForSchema(this.#fetch, path).catch((error: unknown) => {
      throw isMissing(error) ? notReady(subject, 'is not in the schema registry') : error;
    });
    const { id, type } = found;
    if (id === undefined) throw unavailable('The schema registry does not say the number of a schema.');
    const known = this.#kept.get(id);
    if (known && 'reason' in known.verdict) this.#kept.delete(id);
    const verdict = known && 'schema' in known.verdict ? known.verdict : this.#keep(id, await compile(found));
    if ('reason' in verdict) throw notReady(subject, verdict.reason);
    const latest = { id, type, schema: verdict.schema };
    this.#newest.set(subject, { found: latest, at: this.#world.monotonic() });
    return latest;
  }

  #keep(id: number, verdict: Verdict): Verdict {
    this.#kept.delete(id);
    this.#kept.set(id, { verdict, at: this.#world.monotonic() });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxSchemas) break;
      this.#kept.delete(oldest);
    }
    return verdict;
  }
}

async function compile(found: FoundSchema): Promise<Verdict> {
  try {
    return { schema: await compileSchema(found), type: found.type };
  } catch (error) {
    return { reason: `cannot be used: ${(error instanceof Error ? error.message : String(error)).replace(/\.$/, '')}` };
  }
}

function notReady(subject: string, why: string): TenfoldError {
  return new TenfoldError('not-ready', `The schema ${subject} ${why}.`, { retryAfterSeconds: 5 });
}

const isMissing = (error: unknown) => error instanceof TenfoldError && error.code === 'not-found';

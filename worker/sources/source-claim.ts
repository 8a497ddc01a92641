// Decides in the store which process reads a source. The database decides as well: each
// transaction takes the lock of the table, so two that both believe to have the claim do no harm.
import type { Incarnation } from '../../core/incarnation.ts';
import type { World } from '../../core/world.ts';
import type { Keys } from '../../drivers/store/store.ts';

export interface SourceClaimSite {
  readonly world: Pick<World, 'monotonic'>;
  readonly store: Pick<Keys, 'get' | 'put' | 'delete'>;
  readonly incarnation: Incarnation;
}

const KEY = 'reader';
const CLAIM_MS = 15_000;
const RENEW_MS = 5_000;

export class SourceClaim {
  readonly #site: SourceClaimSite;
  readonly #scope: string;
  #version: string | undefined;
  #at = 0;

  /** `source`: `default/orders`. */
  constructor(site: SourceClaimSite, source: string) {
    this.#site = site;
    this.#scope = `sources/${source}`;
  }

  /** Whether this process has it now. A claim of a process that has ended is free at once. */
  async take(): Promise<boolean> {
    const { incarnation } = this.#site;
    if (await this.#put('absent')) return true;
    const found = await this.#site.store.get(this.#scope, KEY);
    if (found === undefined) return false;
    const by = Buffer.from(found.value).toString('utf8');
    if (by !== incarnation.id && !(await incarnation.isOver(by))) return false;
    return this.#put({ version: found.version });
  }

  /** False when another process has it. */
  async keep(): Promise<boolean> {
    if (this.#version === undefined) return false;
    if (this.#site.world.monotonic() - this.#at < RENEW_MS) return true;
    return this.#put({ version: this.#version });
  }

  /** A claim that stays behind expires. */
  async release(): Promise<void> {
    const version = this.#version;
    this.#version = undefined;
    if (version !== undefined) await this.#site.store.delete(this.#scope, KEY, { version }).catch(() => undefined);
  }

  async #put(when: 'absent' | { readonly version: string }): Promise<boolean> {
    const { store, world, incarnation } = this.#site;
    const at = world.monotonic();
    const outcome = await store.put(this.#scope, KEY, incarnation.id, { ttlMs: CLAIM_MS, when });
    this.#version = outcome.written ? outcome.version : undefined;
    if (outcome.written) this.#at = at;
    return outcome.written;
  }
}

// Answers GET and HEAD from the cache; a missing answer is fetched once, however many clients ask
// for it.
import { hash } from 'node:crypto';
import type { World } from '../../core/world.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { CacheMet } from '../exchange/exchange-facts.ts';
import type { RequestState } from '../exchange/request-state.ts';
import type { Step } from '../exchange/step.ts';
import { takeSteps } from '../exchange/take-steps.ts';
import { fieldOf } from '../http/fields.ts';
import type { CacheCounts } from '../plan/instruments.ts';
import { wantsEvents } from '../views/live/wants-live.ts';
import { createBackgroundExchange } from './background-exchange.ts';
import type { CacheSettings } from './cache-control.ts';
import { primaryKey, variantKey } from './cache-key.ts';
import { AUTHORIZATION, type CachePolicy, CONDITIONAL, COOKIE, createCachePolicy, UNKNOWN } from './cache-policy.ts';
import type { CacheStore } from './cache-store.ts';
import { type CoalescedRequest, createCoalescedRequests } from './coalesced-requests.ts';
import { isUnchanged, unchangedFields } from './conditional.ts';
import { fetchOnce } from './fetch-once.ts';
import { type CacheOwner, headOf, type StoredAnswer } from './stored-answer.ts';

export interface CacheStepInit {
  readonly world: World;
  readonly settings: CacheSettings;
  /** Fields that the route looks at besides: an answer with another value may be another. */
  readonly named: readonly string[];
  readonly store: CacheStore;
  readonly counts: CacheCounts;
  readonly owner: CacheOwner;
  /** Unique for the route and everything that makes its answers what they are. */
  readonly key: string;
  /**
   * Steps before this one that also an answer fetched in the background needs, such as compression.
   */
  readonly prepare: Step | undefined;
}

/** Two tokens of one consumer may allow different things. */
function callerOf({ consumer, head }: RequestState): string {
  if (consumer === undefined) return '';
  const shown = fieldOf(head.fields, 'authorization');
  return shown === undefined ? consumer : `${consumer} ${hash('sha256', shown, 'base64url')}`;
}

const COUNT_OF = {
  hit: 'hits',
  stale: 'stale',
  stale_on_error: 'staleOnError',
  miss: 'misses',
  collapsed: 'collapsed',
  bypass: 'bypassed',
} as const satisfies Record<CacheMet, keyof CacheCounts>;

/** After a background fetch has failed, the next one waits so long. */
const REFRESH_PAUSE_MS = 1000;

export function cacheStep(init: CacheStepInit): Step {
  const cache = new RouteCache(init);
  return (exchange, steps, index) => cache.serve(exchange, steps, index, false);
}

/** The cache of one route in one plan. */
class RouteCache {
  readonly #init: CacheStepInit;
  readonly #policy: CachePolicy;
  readonly #settings: CacheSettings;
  readonly #keyedByCookie: boolean;
  readonly #coalescing = createCoalescedRequests();

  constructor(init: CacheStepInit) {
    this.#init = init;
    this.#policy = createCachePolicy([...init.settings.vary, ...init.named], init.settings.perConsumer);
    this.#settings = { ...init.settings, vary: this.#policy.keyed };
    this.#keyedByCookie = this.#settings.vary.includes('cookie');
  }

  /** `waited`: for the fetch of another request. */
  serve(exchange: Exchange, steps: readonly Step[], index: number, waited: boolean): void | Promise<void> {
    const { world, store } = this.#init;
    const { head } = exchange.request;
    if (head.method !== 'GET' && head.method !== 'HEAD') return;
    const { bits: demand, unknown } = this.#policy.demandOf(head.fields);
    // A kept answer is no stream, and nobody waits for the end of one.
    if (wantsEvents(head.fields)) return this.#bypass(exchange);
    if (demand & UNKNOWN || head.hasBody || !this.#mayShare(exchange, demand)) return this.#bypass(exchange, unknown);
    const primary = this.#primaryOf(exchange.request);
    const now = world.monotonic();
    const kept = store.find(primary, head.fields, now);
    const withCookies = (demand & COOKIE) !== 0 && !this.#keyedByCookie;
    // A client that sends a cookie may be a particular user. It shares only answers that are marked
    // as public.
    if (withCookies && kept?.freshness.isPublic !== true) return this.#bypass(exchange);

    const staleMs = kept ? now - kept.bornAt - kept.freshness.ttlMs : Number.POSITIVE_INFINITY;
    if (kept && staleMs < kept.freshness.staleWhileMs) {
      if (staleMs >= 0) this.#refresh(exchange, primary, kept, steps, index);
      this.#count(exchange, waited ? 'collapsed' : staleMs >= 0 ? 'stale' : 'hit');
      return give(exchange, kept, now, demand);
    }
    if (head.method === 'HEAD' || this.#coalescing.isRefused(primary, now)) return this.#bypass(exchange);

    const coalescingKey = primary + variantKey(store.varyOf(primary) ?? this.#settings.vary, head.fields);
    const under = this.#coalescing.get(coalescingKey);
    if (under) {
      // After any outcome a stored answer is given. Without one, one of the waiting
      // requests fetches it.
      return under.wait(() => (exchange.ended ? undefined : this.serve(exchange, steps, index, true)));
    }
    this.#count(exchange, 'miss');
    const coalesced = this.#coalescing.begin(coalescingKey);
    if (kept && staleMs < kept.freshness.staleIfErrorMs) {
      exchange.response.standIn = () => {
        this.#count(exchange, 'stale_on_error');
        give(exchange, kept, world.monotonic(), demand);
        return true;
      };
    }
    this.#fetch(exchange, primary, coalesced, kept ? 'stale' : 'uri-miss');
  }

  #count(exchange: Exchange, met: CacheMet): void {
    exchange.cache = met;
    this.#init.counts[COUNT_OF[met]]++;
  }

  #primaryOf(request: RequestState): string {
    const { client, head } = request;
    return primaryKey({
      route: this.#init.key,
      proto: client.proto,
      authority: client.host ?? head.authority,
      path: head.path,
      query: head.query,
      consumer: this.#settings.perConsumer ? callerOf(request) : '',
    });
  }

  /**
   * Answers to one who proves who they are belong to them, unless consumers are kept apart and it
   * is known which one it is.
   */
  #mayShare({ request }: Exchange, demand: number): boolean {
    const known = request.consumer !== undefined;
    if (this.#settings.perConsumer) return known || (demand & (AUTHORIZATION | COOKIE)) === 0;
    return !known && (demand & AUTHORIZATION) === 0;
  }

  /** `unknown`: the field that is why. */
  #bypass(exchange: Exchange, unknown?: string): void {
    this.#count(exchange, 'bypass');
    const detail = unknown === undefined ? '' : `; detail="${unknown}"`;
    exchange.response.addFields('cache-status', `tenfold; fwd=bypass${detail}`);
  }

  #fetch(exchange: Exchange, primary: string, coalesced: CoalescedRequest, reason: 'uri-miss' | 'stale'): void {
    const { world, store, counts, owner } = this.#init;
    fetchOnce(exchange, {
      store,
      settings: this.#settings,
      owner,
      primary,
      forwarded: this.#policy.forwarded(exchange.headers, store.varyOf(primary)),
      reason,
      apart: this.#settings.perConsumer && exchange.request.consumer !== undefined,
      done: outcome => {
        if (outcome === 'kept') counts.stored++;
        if (outcome === 'refused') this.#coalescing.refuse(primary, world.monotonic());
        coalesced.end();
      },
    });
  }

  /** Fetches a stale answer anew in the background, unless that is under way or has just failed. */
  #refresh(exchange: Exchange, primary: string, kept: StoredAnswer, steps: readonly Step[], index: number): void {
    const { world, counts, prepare } = this.#init;
    const coalescingKey = primary + variantKey(kept.freshness.vary, exchange.request.head.fields);
    const now = world.monotonic();
    if (now < kept.refreshAt || this.#coalescing.get(coalescingKey)) return;
    kept.refreshAt = now + REFRESH_PAUSE_MS;
    counts.refreshes++;
    const background = createBackgroundExchange(exchange);
    prepare?.(background, steps, index);
    this.#fetch(background, primary, this.#coalescing.begin(coalescingKey), 'stale');
    takeSteps(background, steps, index + 1);
  }
}

function give(exchange: Exchange, kept: StoredAnswer, now: number, demand: number): void {
  const head = headOf(kept, now);
  const { fields } = exchange.request.head;
  if (demand & CONDITIONAL && kept.status === 200 && isUnchanged(fields, kept)) {
    exchange.answerKept(304, unchangedFields(head), undefined);
  } else exchange.answerKept(kept.status, head, kept.body);
}

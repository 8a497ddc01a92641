// Answers GET and HEAD from the cache; a missing answer is fetched once, however many clients ask
// for it.
import { hash } from 'node:crypto';
import type { World } from '../../core/world.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { RequestState } from '../exchange/request-state.ts';
import type { Step } from '../exchange/step.ts';
import { takeSteps } from '../exchange/take-steps.ts';
import { fieldOf } from '../http/fields.ts';
import type { CacheCounts } from '../plan/instruments.ts';
import { createBackgroundExchange } from './background-exchange.ts';
import type { CacheSettings } from './cache-control.ts';
import { primaryKey, variantKey } from './cache-key.ts';
import { AUTHORIZATION, CONDITIONAL, COOKIE, createCachePolicy, UNKNOWN } from './cache-policy.ts';
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
  /** Steps before this one that also an answer fetched in the background needs, such as compression. */
  readonly prepare: Step | undefined;
}

/** Two tokens of one consumer may allow different things. */
function callerOf({ consumer, head }: RequestState): string {
  if (consumer === undefined) return '';
  const shown = fieldOf(head.fields, 'authorization');
  return shown === undefined ? consumer : `${consumer} ${hash('sha256', shown, 'base64url')}`;
}

/** After a background fetch has failed, the next one waits so long. */
const REFRESH_PAUSE_MS = 1000;

export function cacheStep(init: CacheStepInit): Step {
  const { world, store, counts, owner, key, prepare } = init;
  const policy = createCachePolicy([...init.settings.vary, ...init.named], init.settings.perConsumer);
  const settings = { ...init.settings, vary: policy.keyed };
  const coalescing = createCoalescedRequests();
  const keyedByCookie = settings.vary.includes('cookie');

  return (exchange, steps, index) => serve(exchange, steps, index, false);

  function serve(exchange: Exchange, steps: readonly Step[], index: number, waited: boolean): void | Promise<void> {
    const { head } = exchange.request;
    if (head.method !== 'GET' && head.method !== 'HEAD') return;
    const { bits: demand, unknown } = policy.demandOf(head.fields);
    if (demand & UNKNOWN || head.hasBody || !mayShare(exchange, demand)) return bypass(exchange, unknown);
    const primary = primaryKey({
      route: key,
      proto: exchange.request.client.proto,
      authority: exchange.request.client.host ?? head.authority,
      path: head.path,
      query: head.query,
      consumer: settings.perConsumer ? callerOf(exchange.request) : '',
    });
    const now = world.monotonic();
    const kept = store.find(primary, head.fields, now);
    const withCookies = (demand & COOKIE) !== 0 && !keyedByCookie;
    // A client that sends a cookie may be a particular user. It shares only answers that are marked
    // as public.
    if (withCookies && kept?.freshness.isPublic !== true) return bypass(exchange);

    const staleMs = kept ? now - kept.bornAt - kept.freshness.ttlMs : Number.POSITIVE_INFINITY;
    if (kept && staleMs < kept.freshness.staleWhileMs) {
      if (staleMs >= 0) refresh(exchange, primary, kept, steps, index);
      if (waited) counts.collapsed++;
      else if (staleMs >= 0) counts.stale++;
      else counts.hits++;
      return give(exchange, kept, now, demand);
    }
    if (head.method === 'HEAD' || coalescing.isRefused(primary, now)) return bypass(exchange);

    const coalescingKey = primary + variantKey(store.varyOf(primary) ?? settings.vary, head.fields);
    const under = coalescing.get(coalescingKey);
    if (under) {
      // After any outcome a stored answer is given. Without one, one of the waiting
      // requests fetches it.
      return under.wait(() => (exchange.ended ? undefined : serve(exchange, steps, index, true)));
    }
    counts.misses++;
    const coalesced = coalescing.begin(coalescingKey);
    if (kept && staleMs < kept.freshness.staleIfErrorMs) {
      exchange.response.standIn = () => {
        counts.staleOnError++;
        give(exchange, kept, world.monotonic(), demand);
        return true;
      };
    }
    fetch(exchange, primary, coalesced, kept ? 'stale' : 'uri-miss');
  }

  /** Answers to one who proves who they are belong to them, unless consumers are kept apart and it is known which one it is. */
  function mayShare(exchange: Exchange, demand: number): boolean {
    const known = exchange.request.consumer !== undefined;
    if (settings.perConsumer) return known || (demand & (AUTHORIZATION | COOKIE)) === 0;
    return !known && (demand & AUTHORIZATION) === 0;
  }

  /** `unknown`: the field that is why. */
  function bypass(exchange: Exchange, unknown?: string): void {
    counts.bypassed++;
    exchange.response.addFields(
      'cache-status',
      `tenfold; fwd=bypass${unknown === undefined ? '' : `; detail="${unknown}"`}`,
    );
  }

  function give(exchange: Exchange, kept: StoredAnswer, now: number, demand: number): void {
    const head = headOf(kept, now);
    const { fields } = exchange.request.head;
    if (demand & CONDITIONAL && kept.status === 200 && isUnchanged(fields, kept)) {
      exchange.answerKept(304, unchangedFields(head), undefined);
    } else exchange.answerKept(kept.status, head, kept.body);
  }

  function fetch(exchange: Exchange, primary: string, coalesced: CoalescedRequest, reason: 'uri-miss' | 'stale'): void {
    const apart = settings.perConsumer && exchange.request.consumer !== undefined;
    fetchOnce(exchange, {
      store,
      settings,
      owner,
      primary,
      forwarded: policy.forwarded(exchange.headers, store.varyOf(primary)),
      reason,
      apart,
      done(outcome) {
        if (outcome === 'kept') counts.stored++;
        if (outcome === 'refused') coalescing.refuse(primary, world.monotonic());
        coalesced.end();
      },
    });
  }

  function refresh(
    exchange: Exchange,
    primary: string,
    kept: StoredAnswer,
    steps: readonly Step[],
    index: number,
  ): void {
    const coalescingKey = primary + variantKey(kept.freshness.vary, exchange.request.head.fields);
    const now = world.monotonic();
    if (now < kept.refreshAt || coalescing.get(coalescingKey)) return;
    kept.refreshAt = now + REFRESH_PAUSE_MS;
    counts.refreshes++;
    const background = createBackgroundExchange(exchange);
    prepare?.(background, steps, index);
    fetch(background, primary, coalescing.begin(coalescingKey), 'stale');
    takeSteps(background, steps, index + 1);
  }
}

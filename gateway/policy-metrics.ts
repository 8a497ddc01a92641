// Metrics of breakers, limits, retries and caches: read from what keeps count anyway, at each
// scrape, so that requests pay nothing.
import { Counter, Gauge, type Registry } from 'prom-client';
import { type DurationsInit, registerDurations } from './durations.ts';
import type { Instruments, Owner } from './plan/instruments.ts';
import { CALL_BOUNDS } from './upstream/call-times.ts';

const OWNER = ['kind', 'namespace', 'name', 'route'] as const;
const STATES = ['closed', 'half-open', 'open'] as const;

type Labels = Readonly<Record<string, string>>;
type Add = (owner: Owner, more: Labels, value: number) => void;

export function registerPolicyMetrics(registry: Registry, instruments: () => Instruments): void {
  const metrics = new OwnedMetrics(registry);
  registerBreakerMetrics(metrics, instruments);
  registerMemberMetrics(metrics, instruments);
  registerRetryMetrics(metrics, instruments);
  registerLimitMetrics(metrics, instruments);
  registerDurations(registry, callDurations(instruments));
  registerDurations(registry, waitDurations(instruments));
  registerCacheMetrics(metrics, instruments);
}

function registerBreakerMetrics(metrics: OwnedMetrics, instruments: () => Instruments): void {
  metrics.gauge(
    'tenfold_circuit_breaker_state',
    'Circuit breakers by the state that they are in. Routes may share their labels, so it can be above 1.',
    ['target', 'state'],
    add => {
      for (const { owner, value } of instruments().breakers.values())
        for (const state of STATES) add(owner, { state }, value.state === state ? 1 : 0);
    },
  );
  metrics.count('tenfold_circuit_breaker_opened_total', 'How often a circuit breaker opened.', ['target'], add => {
    for (const { owner, value } of instruments().breakers.values()) add(owner, {}, value.opened);
  });
  metrics.count('tenfold_circuit_breaker_refused_total', 'Calls that an open breaker refused.', ['target'], add => {
    for (const { owner, value } of instruments().breakers.values()) add(owner, {}, value.refused);
  });
}

function registerMemberMetrics(metrics: OwnedMetrics, instruments: () => Instruments): void {
  metrics.latest(
    'tenfold_target_in_service',
    'Targets of splits: 1 while calls go there, 0 while one is out, since calls fail, its breaker is open, its health checks fail or it asked for a pause.',
    ['target'],
    set => {
      for (const { owner, value } of instruments().members.values())
        set(owner, {}, value.health.isOut || value.rests() > 0 ? 0 : 1);
    },
  );
  metrics.count(
    'tenfold_target_left_total',
    'How often a target left its split since calls to it failed.',
    ['target'],
    add => {
      for (const { owner, value } of instruments().members.values()) add(owner, {}, value.health.taken);
    },
  );
}

function registerRetryMetrics(metrics: OwnedMetrics, instruments: () => Instruments): void {
  metrics.count(
    'tenfold_retries_total',
    'Attempts after the first one, by whether the budget allowed them.',
    ['target', 'result'],
    add => {
      for (const { owner, value } of instruments().retries.values()) {
        add(owner, { result: 'made' }, value.retries);
        add(owner, { result: 'over_budget' }, value.refused);
      }
    },
  );
}

function registerLimitMetrics(metrics: OwnedMetrics, instruments: () => Instruments): void {
  metrics.count(
    'tenfold_limits_refused_total',
    'Calls refused since the limits of a function were reached, or since it asked for a pause.',
    ['target'],
    add => {
      for (const { owner, value } of instruments().limits.values()) add(owner, {}, value.view.refused);
    },
  );
  metrics.count('tenfold_limits_delayed_total', 'Calls that had to wait for their turn.', ['target'], add => {
    for (const { owner, value } of instruments().limits.values()) add(owner, {}, value.view.delayed);
  });
  metrics.gauge(
    'tenfold_limits_calls',
    'Calls under the limits of a function, or that waited for the end of its pause, by state: in flight or waiting for their turn.',
    ['target', 'state'],
    add => {
      for (const { owner, value } of instruments().limits.values()) {
        add(owner, { state: 'in_flight' }, value.view.inFlight);
        add(owner, { state: 'waiting' }, value.view.waiting);
      }
    },
  );
  metrics.gauge(
    'tenfold_limits_paused_seconds',
    'How long a function still asks all of its callers for a pause (Retry-After).',
    ['target'],
    add => {
      for (const { owner, value } of instruments().limits.values()) add(owner, {}, value.view.pausedForMs / 1000);
    },
  );
  metrics.gauge(
    'tenfold_limits_held',
    'Share of a limit that this process holds together with others, by limit: calls at a time, or calls started per period.',
    ['target', 'limit'],
    add => {
      for (const { owner, value } of instruments().limits.values())
        for (const [limit, held] of Object.entries(value.view.held))
          if (held !== undefined) add(owner, { limit }, held);
    },
  );
}

function callDurations(instruments: () => Instruments): DurationsInit {
  return {
    name: 'tenfold_function_call_duration_seconds',
    help: 'Time of a call from its turn, with the start of an instance, to the end of its answer, by who called and how the call ended. Calls that a limit or a breaker refused count as 0 s.',
    labelNames: ['namespace', 'function', 'caller', 'outcome'],
    bounds: CALL_BOUNDS,
    *read() {
      for (const { owner, value } of instruments().calls.values()) {
        const { namespace, name } = owner;
        for (const { by, outcome, durations } of value.all())
          yield { labels: { namespace, function: name, caller: by, outcome }, durations };
      }
    },
  };
}

function waitDurations(instruments: () => Instruments): DurationsInit {
  return {
    name: 'tenfold_limits_wait_seconds',
    help: 'How long calls waited for their turn at the limits of a function, or for the end of its pause, by how the wait ended. Calls that did not have to wait do not count.',
    labelNames: ['namespace', 'function', 'result'],
    bounds: CALL_BOUNDS,
    *read() {
      for (const { owner, value } of instruments().limits.values()) {
        const { namespace, name } = owner;
        for (const [result, durations] of Object.entries(value.view.waits))
          if (durations.count > 0) yield { labels: { namespace, function: name, result }, durations };
      }
    },
  };
}

function registerCacheMetrics(metrics: OwnedMetrics, instruments: () => Instruments): void {
  metrics.count(
    'tenfold_cache_requests_total',
    'Requests at cached routes, by what the cache did.',
    ['result'],
    add => {
      for (const { owner, value } of instruments().caches.values()) {
        add(owner, { result: 'hit' }, value.hits);
        add(owner, { result: 'stale' }, value.stale);
        add(owner, { result: 'stale_on_error' }, value.staleOnError);
        add(owner, { result: 'miss' }, value.misses);
        add(owner, { result: 'collapsed' }, value.collapsed);
        add(owner, { result: 'bypass' }, value.bypassed);
      }
    },
  );
  metrics.whole('tenfold_cache_bytes', 'Memory that cached answers take.', () => instruments().cacheStore?.bytes ?? 0);
  metrics.whole('tenfold_cache_answers', 'Answers in the cache.', () => instruments().cacheStore?.size ?? 0);
}

/**
 * Metrics by owners. The figures live with the policies and survive a change of the plan;
 * here they are only shown.
 */
class OwnedMetrics {
  readonly #registers: Registry[];

  constructor(registry: Registry) {
    this.#registers = [registry];
  }

  /** `labels`: those besides the owner's. */
  count(name: string, help: string, labels: readonly string[], read: (add: Add) => void): void {
    new Counter({
      name,
      help,
      labelNames: [...OWNER, ...labels],
      registers: this.#registers,
      collect() {
        this.reset();
        read((owner, more, value) => this.inc(labelsOf(owner, labels, more), value));
      },
    });
  }

  /** Figures of owners that share their labels are added up. */
  gauge(name: string, help: string, labels: readonly string[], read: (add: Add) => void): void {
    new Gauge({
      name,
      help,
      labelNames: [...OWNER, ...labels],
      registers: this.#registers,
      collect() {
        this.reset();
        read((owner, more, value) => this.inc(labelsOf(owner, labels, more), value));
      },
    });
  }

  /** The last one counts of owners that share their labels. */
  latest(name: string, help: string, labels: readonly string[], read: (set: Add) => void): void {
    new Gauge({
      name,
      help,
      labelNames: [...OWNER, ...labels],
      registers: this.#registers,
      collect() {
        this.reset();
        read((owner, more, value) => this.set(labelsOf(owner, labels, more), value));
      },
    });
  }

  /** One figure for all. */
  whole(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }
}

function labelsOf({ kind, namespace, name, route, target }: Owner, labels: readonly string[], more: Labels): Labels {
  return { kind, namespace, name, route, ...(labels.includes('target') ? { target } : {}), ...more };
}

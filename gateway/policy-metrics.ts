// Metrics of breakers, limits, retries and caches: read from what keeps count anyway, at each scrape, so that requests pay nothing.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Instrument, Instruments } from './plan/instruments.ts';

const OWNER = ['kind', 'namespace', 'name', 'route'] as const;
const STATES = ['closed', 'half-open', 'open'] as const;

export function registerPolicyMetrics(registry: Registry, instruments: () => Instruments): void {
  const registers = [registry];

  new Gauge({
    name: 'tenfold_circuit_breaker_state',
    help: 'Circuit breakers by the state that they are in. Routes may share their labels, so it can be above 1.',
    labelNames: [...OWNER, 'target', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { owner, value } of instruments().breakers.values()) {
        for (const state of STATES) this.inc({ ...owner, state }, value.state === state ? 1 : 0);
      }
    },
  });
  count('tenfold_circuit_breaker_opened_total', 'How often a circuit breaker opened.', ['target'], add => {
    for (const { owner, value } of instruments().breakers.values()) add(owner, {}, value.opened);
  });
  count('tenfold_circuit_breaker_refused_total', 'Calls that an open breaker refused.', ['target'], add => {
    for (const { owner, value } of instruments().breakers.values()) add(owner, {}, value.refused);
  });
  new Gauge({
    name: 'tenfold_target_in_service',
    help: 'Targets of splits: 1 while calls go there, 0 while one is out, since calls fail, its breaker is open or its health checks fail.',
    labelNames: [...OWNER, 'target'],
    registers,
    collect() {
      this.reset();
      for (const { owner, value } of instruments().members.values())
        this.set({ ...owner }, value.health.isOut || value.rests() > 0 ? 0 : 1);
    },
  });
  count('tenfold_target_left_total', 'How often a target left its split since calls to it failed.', ['target'], add => {
    for (const { owner, value } of instruments().members.values()) add(owner, {}, value.health.taken);
  });
  count(
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
  count(
    'tenfold_limits_refused_total',
    'Calls refused since the limits of a function were reached.',
    ['target'],
    add => {
      for (const { owner, value } of instruments().limits.values()) add(owner, {}, value.view.refused);
    },
  );
  count('tenfold_limits_delayed_total', 'Calls that had to wait for their turn.', ['target'], add => {
    for (const { owner, value } of instruments().limits.values()) add(owner, {}, value.view.delayed);
  });
  new Gauge({
    name: 'tenfold_limits_calls',
    help: 'Calls under the limits of a function, by state: in flight or waiting for their turn.',
    labelNames: [...OWNER, 'target', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { owner, value } of instruments().limits.values()) {
        this.inc({ ...owner, state: 'in_flight' }, value.view.inFlight);
        this.inc({ ...owner, state: 'waiting' }, value.view.waiting);
      }
    },
  });
  new Gauge({
    name: 'tenfold_limits_held',
    help: 'Share of a limit that this process holds together with others, by limit: calls at a time, or calls started per period.',
    labelNames: [...OWNER, 'target', 'limit'],
    registers,
    collect() {
      this.reset();
      for (const { owner, value } of instruments().limits.values()) {
        for (const [limit, held] of Object.entries(value.view.held))
          if (held !== undefined) this.inc({ ...owner, limit }, held);
      }
    },
  });
  count('tenfold_cache_requests_total', 'Requests at cached routes, by what the cache did.', ['result'], add => {
    for (const { owner, value } of instruments().caches.values()) {
      add(owner, { result: 'hit' }, value.hits);
      add(owner, { result: 'stale' }, value.stale);
      add(owner, { result: 'stale_on_error' }, value.staleOnError);
      add(owner, { result: 'miss' }, value.misses);
      add(owner, { result: 'collapsed' }, value.collapsed);
      add(owner, { result: 'bypass' }, value.bypassed);
    }
  });
  gauge('tenfold_cache_bytes', 'Memory that cached answers take.', () => instruments().cacheStore?.bytes ?? 0);
  gauge('tenfold_cache_answers', 'Answers in the cache.', () => instruments().cacheStore?.size ?? 0);

  type Owner = Instrument<unknown>['owner'];
  type Add = (owner: Owner, more: Readonly<Record<string, string>>, value: number) => void;

  /** The counts live with the policies and survive a change of the plan; here they are only shown. */
  function count(name: string, help: string, labels: readonly string[], read: (add: Add) => void): void {
    new Counter({
      name,
      help,
      labelNames: [...OWNER, ...labels],
      registers,
      collect() {
        this.reset();
        read(({ kind, namespace, name: owner, route, target }, more, value) => {
          this.inc(
            { kind, namespace, name: owner, route, ...(labels.includes('target') ? { target } : {}), ...more },
            value,
          );
        });
      },
    });
  }

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }
}

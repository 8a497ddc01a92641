// Metrics of consumers: their lag, parked and dead events, and results of attempts.
import { Counter, type Registry } from 'prom-client';
import { FAILURE_REASONS, type FailureReason } from '../../worker/dispatch/failed-attempt.ts';
import type { DispatcherView } from '../../worker/dispatch/view.ts';
import type { ConsumerState } from '../../worker/event-plane.ts';
import { nameOfConsumer } from '../../worker/plan/event-plan.ts';
import { type Figure, registerFigures } from './figures.ts';

const gauges: readonly Figure<DispatcherView>[] = [
  {
    name: 'tenfold_consumer_lag_events',
    help: 'Events or jobs that are not handled yet, parked ones included.',
    value: ({ lag }) => lag,
  },
  {
    name: 'tenfold_consumer_oldest_age_seconds',
    help: 'Age of the oldest of them.',
    value: ({ oldestAgeMs, lag }) => (lag === 0 ? 0 : oldestAgeMs === undefined ? undefined : oldestAgeMs / 1000),
  },
  { name: 'tenfold_consumer_in_flight', help: 'Calls in flight.', value: ({ inFlight }) => inFlight },
  {
    name: 'tenfold_consumer_parked_keys',
    help: 'Keys that wait for another attempt at an event that failed.',
    value: ({ parkedKeys }) => parkedKeys,
  },
  { name: 'tenfold_consumer_parked_events', help: 'Events of these keys.', value: ({ parkedEvents }) => parkedEvents },
  {
    name: 'tenfold_consumer_held_keys',
    help: 'Keys that wait for a person (onExhausted: hold).',
    value: ({ held }) => held,
  },
  {
    name: 'tenfold_consumer_full',
    help: '1 when so much is parked that nothing more is read.',
    value: ({ partitions }) => (partitions.some(({ state }) => state === 'full') ? 1 : 0),
  },
  {
    name: 'tenfold_consumer_shares_held_back',
    help: 'Shares with as many events in flight as share.max allows, and others that wait.',
    value: ({ heldBack }) => heldBack.length,
  },
  {
    name: 'tenfold_consumer_target_failing',
    help: '1 while the target is down and left alone but for a few calls.',
    value: ({ flow }) => (flow === 'failing' ? 1 : 0),
  },
  {
    name: 'tenfold_consumer_target_resting',
    help: '1 while the target is left alone since it asked for that (Retry-After), or cannot be called for a moment.',
    value: ({ flow }) => (flow === 'resting' ? 1 : 0),
  },
];

const counters: readonly Figure<DispatcherView>[] = [
  { name: 'tenfold_consumer_delivered_total', help: 'Events handled.', value: ({ delivered }) => delivered },
  { name: 'tenfold_consumer_attempts_total', help: 'Attempts at events.', value: ({ attempts }) => attempts },
  { name: 'tenfold_consumer_dead_letters_total', help: 'Events given up.', value: ({ dead }) => dead },
  {
    name: 'tenfold_consumer_jumped_total',
    help: 'Events that retention deleted before they were delivered: lost to this consumer.',
    value: ({ jumped }) => jumped,
  },
  {
    name: 'tenfold_consumer_topics_made_again_total',
    help: 'Partitions that were gone on with at their first event, as their topic had been deleted and made again.',
    value: ({ madeAgain }) => madeAgain,
  },
];

const LABELS = ['namespace', 'kind', 'name', 'role'] as const;

interface ByReason {
  readonly name: string;
  readonly help: string;
  value(report: DispatcherView): Readonly<Record<FailureReason, number>>;
}

const byReason: readonly ByReason[] = [
  {
    name: 'tenfold_consumer_failures_total',
    help: 'Attempts that failed, by reason.',
    value: ({ failuresBy }) => failuresBy,
  },
  {
    name: 'tenfold_consumer_uncounted_failures_total',
    help: 'Calls that failed and used up no attempt, since the target was down or asked for a pause, by reason.',
    value: ({ uncountedBy }) => uncountedBy,
  },
];

export function registerEventMetrics(registry: Registry, consumers: () => readonly ConsumerState[]): void {
  registerFigures(registry, {
    labelNames: LABELS,
    gauges,
    counters,
    renewed: 'the consumer was changed',
    readReports: async () => reportsOf(consumers),
  });
  for (const { name, help, value } of byReason) {
    new Counter({
      name,
      help: `${help} Since the platform started, or the consumer was changed.`,
      labelNames: [...LABELS, 'reason'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, report } of reportsOf(consumers))
          for (const reason of FAILURE_REASONS) this.inc({ ...labels, reason }, value(report)[reason]);
      },
    });
  }
}

function reportsOf(consumers: () => readonly ConsumerState[]) {
  return consumers().flatMap(({ plan, runner }) => {
    const report = runner.running?.view;
    return report ? [{ labels: { ...nameOfConsumer(plan), role: plan.role }, report }] : [];
  });
}

// The panels about functions and the policies around them.
import { OF, one, type Panel, RATE } from './panel.ts';

const CALLS = 'tenfold_function_call_duration_seconds';

export const functionPanels: readonly Panel[] = [
  {
    title: 'In flight and waiting',
    help: 'Requests at functions.',
    unit: 'short',
    queries: one(
      `sum by (namespace, function, state) (tenfold_function_requests{${OF}})`,
      '{{namespace}}/{{function}} {{state}}',
    ),
  },
  {
    title: 'p95 of calls',
    help: 'From the turn of a call to the end of its answer, without the wait at a limit.',
    unit: 's',
    queries: one(
      `histogram_quantile(0.95, sum by (le, namespace, function) (rate(${CALLS}_bucket{${OF},outcome!="refused"}${RATE})))`,
      '{{namespace}}/{{function}}',
    ),
  },
  {
    title: 'Calls that did not go well',
    help: 'A second, by who called and how they ended.',
    unit: 'ops',
    queries: one(
      `sum by (namespace, function, caller, outcome) (rate(${CALLS}_count{${OF},outcome=~"failed|timeout|refused"}${RATE}))`,
      '{{namespace}}/{{function}} {{caller}} {{outcome}}',
    ),
  },
  {
    title: 'p95 of waits at limits',
    help: 'How long calls that had to wait for their turn waited.',
    unit: 's',
    queries: one(
      `histogram_quantile(0.95, sum by (le, namespace, function) (rate(tenfold_limits_wait_seconds_bucket{${OF}}${RATE})))`,
      '{{namespace}}/{{function}}',
    ),
  },
  {
    title: 'Open circuit breakers',
    help: 'Targets that are left alone since they fail.',
    unit: 'short',
    queries: one(
      `sum by (namespace, name, target) (tenfold_circuit_breaker_state{${OF},state="open"})`,
      '{{namespace}}/{{name}} → {{target}}',
    ),
  },
  {
    title: 'Targets out of service',
    help: 'Targets of splits that get no calls, since calls fail, a breaker is open or health checks fail.',
    unit: 'short',
    queries: one(`sum by (name, target) (1 - tenfold_target_in_service{${OF}})`, '{{name}} → {{target}}'),
  },
  {
    title: 'Limits',
    help: 'Calls that waited for their turn, or were refused.',
    unit: 'ops',
    queries: [
      { expr: `sum by (target) (rate(tenfold_limits_delayed_total{${OF}}${RATE}))`, legend: '{{target}} waited' },
      { expr: `sum by (target) (rate(tenfold_limits_refused_total{${OF}}${RATE}))`, legend: '{{target}} refused' },
    ],
  },
  {
    title: 'Retries and caches',
    help: 'Second attempts, and what caches of routes did.',
    unit: 'ops',
    queries: [
      { expr: `sum by (result) (rate(tenfold_retries_total{${OF}}${RATE}))`, legend: 'retry {{result}}' },
      { expr: `sum by (result) (rate(tenfold_cache_requests_total{${OF}}${RATE}))`, legend: 'cache {{result}}' },
    ],
  },
];

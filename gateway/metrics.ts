// The gateway's metrics, by OpenTelemetry's names for HTTP servers; labels hold
// patterns and names, never ids.
import { Counter, Gauge, type Registry } from 'prom-client';
import { realWorld } from '../core/world.ts';
import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import { Durations, type LabelledDurations, registerDurations } from './durations.ts';
import type { Answered, AnsweredListener } from './listeners/answered.ts';

/**
 * The bounds that OpenTelemetry's semantic conventions advise for
 * http.server.request.duration, seconds.
 */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

/** Registers the metrics and gives the listener that feeds them. */
export function createGatewayMetrics(
  registry: Registry,
  functions: () => readonly FunctionStatus[],
  now: () => number = realWorld.now,
  /** Filled by what was answered, for who reads it elsewhere. */
  requests = new Map<string, LabelledDurations>(),
): AnsweredListener {
  registerDurations(registry, {
    name: 'http_server_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['listener', 'http_request_method', 'http_route', 'http_response_status_code', 'resource', 'route'],
    bounds: BUCKETS_SECONDS,
    read: () => requests.values(),
  });
  const abandoned = new Counter({
    name: 'tenfold_http_abandoned_total',
    help: 'Requests whose client left before an answer began.',
    labelNames: ['listener'],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'tenfold_http_failures_total',
    help: 'Requests that the gateway answered with an error itself, or whose answer it or the client gave up, by reason.',
    labelNames: ['listener', 'resource', 'reason'],
    registers: [registry],
  });
  new Gauge({
    name: 'tenfold_function_instances',
    help: 'Instances of a function that take requests.',
    labelNames: ['namespace', 'function'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, instances } of functions()) this.set({ namespace, function: name }, instances);
    },
  });
  new Gauge({
    name: 'tenfold_function_requests',
    help: 'Requests at a function, by state: in flight or waiting for a place.',
    labelNames: ['namespace', 'function', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { namespace, name, inFlight, waiting } of functions()) {
        this.set({ namespace, function: name, state: 'in_flight' }, inFlight);
        this.set({ namespace, function: name, state: 'waiting' }, waiting);
      }
    },
  });
  return ({ listener, method, route, status, durationMs, trace, reason }: Answered) => {
    const resource = route ? `${route.kind}/${route.namespace}/${route.name}` : '';
    if (reason !== undefined) failures.inc({ listener, resource, reason });
    if (status === 0) {
      abandoned.inc({ listener });
      return;
    }
    const known = KNOWN_METHODS.has(method) ? method : '_OTHER';
    const path = route?.path ?? '';
    const label = route?.label ?? '';
    // Names hold no spaces; the path, which may, is last.
    const key = `${listener} ${known} ${status} ${resource} ${label} ${path}`;
    let found = requests.get(key);
    if (found === undefined) {
      const labels = {
        listener,
        http_request_method: known,
        http_route: path,
        http_response_status_code: status,
        resource,
        route: label,
      };
      found = { labels, durations: new Durations(BUCKETS_SECONDS) };
      requests.set(key, found);
    }
    found.durations.observe(durationMs / 1000, trace, now());
  };
}

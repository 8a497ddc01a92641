// The gateway's metrics, by OpenTelemetry's names for HTTP servers; labels hold
// patterns and names, never ids.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import type { Answered, AnsweredListener } from './listeners/answered.ts';

/**
 * The bounds that OpenTelemetry's semantic conventions advise for
 * http.server.request.duration, seconds.
 */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

/** Registers the metrics and gives the listener that feeds them. */
export function createGatewayMetrics(registry: Registry, functions: () => readonly FunctionStatus[]): AnsweredListener {
  const duration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['listener', 'http_request_method', 'http_route', 'http_response_status_code', 'resource', 'route'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const abandoned = new Counter({
    name: 'tenfold_http_abandoned_total',
    help: 'Requests whose client left before an answer began.',
    labelNames: ['listener'],
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
  return ({ listener, method, route, status, durationMs }: Answered) => {
    if (status === 0) {
      abandoned.inc({ listener });
      return;
    }
    duration.observe(
      {
        listener,
        http_request_method: KNOWN_METHODS.has(method) ? method : '_OTHER',
        http_route: route?.path ?? '',
        http_response_status_code: status,
        resource: route ? `${route.kind}/${route.namespace}/${route.name}` : '',
        route: route?.label ?? '',
      },
      durationMs / 1000,
    );
  };
}

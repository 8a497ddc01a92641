// The port of an operator in a process of its own: liveness, readiness, and metrics.
import { createServer } from 'node:http';
import { closeUnread, createHeadGuard } from '../../core/http/head-guard.ts';
import { closeServer, listen } from '../../core/http/http-server.ts';
import { listenerConnections } from '../../core/http/keep-alive.ts';
import { createInwardHosts } from '../../core/http/own-hosts.ts';
import { TIMEOUT_HEADER } from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { type OperatorStats, toMetrics } from '../../k8s/operator/stats.ts';

export interface HealthPort {
  readonly address: string;
  /** Makes it unready from now on. */
  closing(): void;
  close(): Promise<void>;
}

export interface HealthPortOptions {
  readonly host: string;
  readonly port: number;
  /** Host names that it answers to besides those of the inside. */
  readonly hosts?: readonly string[];
}

export async function openHealthPort(
  world: World,
  { host, port, hosts = [] }: HealthPortOptions,
  stats: () => OperatorStats,
): Promise<HealthPort> {
  let closing = false;
  const readiness = () => {
    const reasons = [
      ...(closing ? ['The operator is shutting down.'] : []),
      ...(stats().synced ? [] : ['The API server has not listed all objects yet.']),
    ];
    return { ready: reasons.length === 0, reasons };
  };
  const answers: Readonly<
    Record<string, () => { readonly status: number; readonly type: string; readonly text: string }>
  > = {
    '/healthz': () => ({ status: 200, type: 'application/json', text: '{"status":"ok"}' }),
    '/readyz': () => {
      const found = readiness();
      return { status: found.ready ? 200 : 503, type: 'application/json', text: JSON.stringify(found) };
    },
    '/metrics': () => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: toMetrics(stats()) }),
  };
  const guard = createHeadGuard(world);
  const isInward = createInwardHosts(hosts);
  const server = createServer({ ...listenerConnections, requireHostHeader: false }, (request, response) => {
    const checked = guard.admit(request, response);
    if (checked === undefined) return;
    closeUnread(guard, request, response, checked);
    request.headers.host ??= checked.authority;
    if (request.headers[TIMEOUT_HEADER] !== undefined) {
      // A platform calls on behalf of a resource, whose url leads here.
      response.writeHead(403, { 'content-type': 'text/plain' }).end('No "url" of a resource leads here.');
      return;
    }
    const [path = ''] = (request.url ?? '').split('?');
    if (path !== '/healthz' && !isInward(request.headers.host)) {
      const text = 'The Host header names a host that is not answered here: use an address, or name it in admin.hosts.';
      response.writeHead(403, { 'content-type': 'text/plain' }).end(text);
      return;
    }
    const answer = Object.hasOwn(answers, path) ? answers[path]?.() : undefined;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const { status, type, text } = (isRead && answer) || {
      status: answer ? 405 : 404,
      type: 'text/plain',
      text: 'There are GET /healthz, /readyz and /metrics.',
    };
    response.writeHead(status, { 'content-type': type }).end(request.method === 'HEAD' ? undefined : text);
  });
  server.requestTimeout = 10_000;
  const address = await listen(server, host, port);
  return {
    address,
    closing() {
      closing = true;
    },
    close: () => closeServer(server, world, 1000),
  };
}

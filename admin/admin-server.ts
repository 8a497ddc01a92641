// The admin port on Express: health, readiness and metrics for machines, and a guarded API of what
// runs and how it is doing.

import type { Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import { closeUnread, createHeadGuard } from '../core/http/head-guard.ts';
import { listenerConnections } from '../core/http/keep-alive.ts';
import { nodeHttp } from '../core/http/node-http.ts';
import { realWorld, type World } from '../core/world.ts';
import { adminTokenAuthenticator } from './access/admin-token.ts';
import type { Authenticator } from './access/authenticator.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { createGraphs } from './graph/graphs.ts';
import { noPlatform } from './guards/no-platform.ts';
import { requireCaller } from './guards/require-caller.ts';
import { requireInwardHost, requireSameSite } from './guards/same-site.ts';
import { securityHeaders } from './guards/security-headers.ts';
import { apiRoutes } from './internal/api-routes.ts';
import { createLive, type Live } from './live/live.ts';
import { serveMcp } from './mcp/serve-mcp.ts';
import type { PlatformView } from './platform-view.ts';
import { answerErrors, nothingHere, onlyGet } from './routing/problems.ts';
import { serveRoutes } from './routing/serve-routes.ts';

export interface AdminOptions {
  /** The admin token, which opens all of `/api/**`. */
  readonly token: string;
  /** Others who may call it, in the order in which they are asked. */
  readonly authenticators?: readonly Authenticator[] | undefined;
  /**
   * Host names, without port, that `/api/**` answers to besides the loopback ones, and the open
   * paths besides those of the inside.
   */
  readonly allowedHosts?: readonly string[];
  /** The Console below `/console/`, and the callers who come with a session of it. */
  readonly console?: { readonly pages: RequestHandler; readonly sessions: Authenticator } | undefined;
  /** The documentation below `/docs/`. */
  readonly docs?: RequestHandler;
  /** The folder of the documentation, for MCP below `/mcp`; without it there is no such path. */
  readonly docsFolder?: string;
  readonly world?: World;
  /**
   * The source of the stream of changes; without it the server makes one. Close it before the
   * server.
   */
  readonly live?: Live;
  /** Hears of errors that are a fault of ours; the caller only sees that something went wrong. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The server, not yet listening. Paths outside `/api` are open, so that probes and scrapers need no
 * token; only not to calls of a platform.
 */
export function createAdminServer(view: PlatformView, options: AdminOptions): Server {
  const { allowedHosts = [], authenticators: others = [], world = realWorld, onError = () => {} } = options;
  const authenticators = options.console ? [...others, options.console.sessions] : others;
  const live = options.live ?? createLive(view, world, onError);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.use(securityHeaders);
  app.use(noPlatform);
  if (options.console) app.use(options.console.pages);
  if (options.docs) app.use(options.docs);

  app
    .route('/healthz')
    .get((_request, response) => void response.json({ status: 'ok' }))
    .all(onlyGet);
  // Their answers hold names of resources and routes.
  app.use(['/readyz', '/metrics'], requireInwardHost(allowedHosts));
  app
    .route('/readyz')
    .get((_request, response) => {
      const readiness = view.readiness();
      response.status(readiness.ready ? 200 : 503).json(readiness);
    })
    .all(onlyGet);
  app
    .route('/metrics')
    .get(async ({ headers }, response) => {
      response.set('vary', 'accept');
      // Prometheus names it where it can read it, and prefers it then.
      if (headers.accept?.includes('application/openmetrics-text'))
        response.type('application/openmetrics-text; version=1.0.0; charset=utf-8').send(await view.openMetrics());
      else response.type('text/plain; version=0.0.4; charset=utf-8').send(await view.metrics());
    })
    .all(onlyGet);
  const callers = requireCaller([adminTokenAuthenticator(options.token), ...authenticators]);
  app.use(
    '/api',
    requireSameSite(allowedHosts),
    callers,
    serveRoutes(apiRoutes, {
      view,
      live,
      graphs: createGraphs(view, world),
      catalogue: createCatalogue(view, world),
      world,
    }),
  );
  const { docsFolder, token: adminToken } = options;
  if (docsFolder !== undefined) {
    // Sessions of the Console are for its pages alone.
    const known = requireCaller([adminTokenAuthenticator(adminToken), ...others]);
    const now = () => world.now();
    const mcp = serveMcp({ adminToken, docsFolder, version: view.version, now, onError });
    app.use('/mcp', requireSameSite(allowedHosts), known, mcp);
  }
  app.use(nothingHere);
  app.use(answerErrors(onError));

  const guard = createHeadGuard(realWorld);
  return nodeHttp().createServer(
    {
      ...listenerConnections,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
      // The check below refuses it, with all else that is wrong with a head.
      requireHostHeader: false,
    },
    (request, response) => {
      const checked = guard.admit(request, response);
      if (checked === undefined) return;
      closeUnread(guard, request, response, checked);
      request.headers.host ??= checked.authority;
      app(request, response);
    },
  );
}

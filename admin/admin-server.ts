// The admin port on Express: health, readiness and metrics for machines, and a guarded API of what
// runs and how it is doing.

import type { Server } from 'node:http';
import express from 'express';
import { closeUnread, createHeadGuard } from '../core/http/head-guard.ts';
import { listenerConnections } from '../core/http/keep-alive.ts';
import { nodeHttp } from '../core/http/node-http.ts';
import { realWorld } from '../core/world.ts';
import { createApi } from './internal/api-routes.ts';
import { requireBearer } from './internal/bearer.ts';
import { noPlatform } from './internal/no-platform.ts';
import { answerErrors, nothingHere, onlyGet } from './internal/problems.ts';
import { requireInwardHost, requireSameSite } from './internal/same-site.ts';
import { securityHeaders } from './internal/security-headers.ts';
import type { PlatformView } from './platform-view.ts';

export interface AdminOptions {
  /** The token that callers of `/api/**` must show. */
  readonly token: string;
  /**
   * Host names, without port, that `/api/**` answers to besides the loopback ones, and the open
   * paths besides those of the inside.
   */
  readonly allowedHosts?: readonly string[];
  /** Hears of errors that are a fault of ours; the caller only sees that something went wrong. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The server, not yet listening. Paths outside `/api` are open, so that probes and scrapers need no
 * token; only not to calls of a platform.
 */
export function createAdminServer(view: PlatformView, options: AdminOptions): Server {
  const { allowedHosts = [] } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.use(securityHeaders);
  app.use(noPlatform);

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
    .get(async (_request, response) => {
      response.type('text/plain; version=0.0.4; charset=utf-8').send(await view.metrics());
    })
    .all(onlyGet);
  app.use('/api', requireSameSite(allowedHosts), requireBearer(options.token), createApi(view));
  app.use(nothingHere);
  app.use(answerErrors(options.onError ?? (() => {})));

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
      app(request, response);
    },
  );
}

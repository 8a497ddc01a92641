// Serves declared routes: reads the request, checks the rights of the caller, and answers with what
// that caller may see.
import { json, type RequestHandler, Router } from 'express';
import { TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import { admit, type Scope } from '../access/scope.ts';
import { scopedView } from '../access/scoped-view.ts';
import { watchRights } from '../access/standing.ts';
import type { CatalogueItem } from '../catalogue/catalogue.ts';
import { audited, noteNamespace } from '../guards/audited.ts';
import { callerNow, callerOf } from '../guards/require-caller.ts';
import type { Live } from '../live/live.ts';
import type { PlatformView } from '../platform-view.ts';
import { only } from './problems.ts';
import type { AdminRoute, Given } from './route.ts';

export interface Served {
  readonly view: PlatformView;
  readonly live: Live;
  readonly graphs: Given['graphs'];
  readonly catalogue: () => Promise<readonly CatalogueItem[]>;
  readonly world: World;
}

export function serveRoutes(routes: readonly AdminRoute[], served: Served): Router {
  const router = Router({ caseSensitive: true });
  for (const [path, here] of Map.groupBy(routes, route => route.path)) {
    const at = router.route(path);
    for (const route of here) {
      const steps: RequestHandler[] = [
        ...(route.method === 'GET' || route.asks ? [] : [audited(served.view.audit)]),
        ...(route.body ? [json({ limit: route.body.limit, strict: true })] : []),
        toHandler(route, served),
      ];
      at[METHODS[route.method]](...steps);
    }
    at.all(only(here.map(({ method }) => method)));
  }
  return router;
}

const METHODS = { GET: 'get', POST: 'post', PUT: 'put', DELETE: 'delete' } as const;

function toHandler(route: AdminRoute, { view: whole, live, graphs, catalogue, world }: Served): RequestHandler {
  return async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('The caller has left.')));
    const { verb, place, answer } = route.read(request);
    if (typeof place === 'object') noteNamespace(response, place.namespace);
    const scope = await admit(callerOf(response), verb, place, whole);
    // Its "close" is over for whoever waits for it from here on.
    if (response.destroyed) return;
    const view = scope.all ? whole : scopedView(whole, scope);
    const listeners: ((scope: Scope) => void)[] = [];
    const onScope = (listener: (scope: Scope) => void) => void listeners.push(listener);
    if (isFollowed(route)) {
      const stop = watchRights({
        world,
        check: async () => admit(await callerNow(response), verb, place, whole),
        changed: now => {
          for (const listener of listeners) listener(now);
        },
        ended: why => gone.abort(why),
      });
      response.on('close', stop);
    }
    try {
      const answered = await answer({
        view,
        whole,
        scope,
        signal: gone.signal,
        response,
        live,
        graphs,
        catalogue,
        onScope,
      });
      if (response.headersSent || response.writableEnded) return;
      if (answered === undefined) response.status(204).end();
      else response.status(route.status ?? 200).json(answered);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
      if (gone.signal.reason instanceof TenfoldError) throw gone.signal.reason;
    }
  };
}

/** Whether its answer may go on for hours. A change is not broken off in the middle. */
function isFollowed({ method, asks, lines, events }: AdminRoute): boolean {
  return events === true || (lines === true && (method === 'GET' || asks === true));
}

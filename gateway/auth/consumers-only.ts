// Routes for certain consumers: any other caller gets the answer of the next route that matches.

import { noRoute } from '../plan/no-route.ts';
import type { Aspect } from '../plan/route-site.ts';

/** Stands behind authentication, as only then it is known who calls. */
export const consumersOnly: Aspect = ({ route }) => {
  if (route.match.consumers === undefined) return undefined;
  const names = new Set(route.match.consumers);
  return exchange => {
    const { consumer } = exchange.request;
    if (consumer !== undefined && names.has(consumer)) return undefined;
    const next = exchange.request.otherRoute?.(consumer);
    if (!next) throw noRoute(exchange.request.head);
    exchange.request.reroute(next);
    // Both routes belong to one Api, so the steps up to here hold for the other, too.
    next.take();
    // The steps behind this one are not for this request any more.
    return new Promise<void>(() => {});
  };
};

// For how long idle connections are kept. The sender of requests closes first, so a request never
// meets a connection that its receiver is about to close.

/**
 * On every listener. Envoy reuses connections for up to an hour and Google's load balancers for 10
 * min. Go's transport (Knative's queue-proxy, Traefik, Prometheus) does so for 90 s, AWS'
 * Application Load Balancer for 60 s. All of them close before this.
 */
export const LISTENER_KEEP_ALIVE_MS = 3_610_000;

/** For `http.createServer`. Probes of TCP find callers that vanished without closing their connection. */
export const listenerConnections = {
  keepAliveTimeout: LISTENER_KEEP_ALIVE_MS,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const;

/** By our callers, where the receiver does not announce a time (`Keep-Alive: timeout=`). Node.js' servers close after 5 s. */
export const CALLER_KEEP_ALIVE_MS = 4_000;
/**
 * It applies where the receiver announces more. Proxies in between may drop idle connections after
 * a minute.
 */
export const CALLER_MAX_KEEP_ALIVE_MS = 60_000;

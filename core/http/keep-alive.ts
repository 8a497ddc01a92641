// For how long idle connections are kept. The sender of requests closes first, so a request never
// meets a connection that its receiver is about to close.

/**
 * On every listener. Envoy reuses connections for up to an hour and Google's load balancers for 10
 * min. Go's transport (Knative's queue-proxy, Traefik, Prometheus) does so for 90 s, AWS'
 * Application Load Balancer for 60 s. All of them close before this.
 */
export const LISTENER_KEEP_ALIVE_MS = 3_610_000;

/**
 * The operating system probes a quiet connection after this time. Probes find peers that vanished,
 * and keep proxies from dropping connections that stay open while idle.
 */
export const PROBE_AFTER_MS = 60_000;

/** For `http.createServer`. */
export const listenerConnections = {
  keepAliveTimeout: LISTENER_KEEP_ALIVE_MS,
  keepAlive: true,
  keepAliveInitialDelay: PROBE_AFTER_MS,
} as const;

/**
 * By our callers, where the receiver does not announce a time (`Keep-Alive: timeout=`).
 * Node.js' servers close after 5 s.
 */
export const CALLER_KEEP_ALIVE_MS = 4_000;
/**
 * It applies where the receiver announces more. Proxies in between may drop idle connections after
 * a minute.
 */
export const CALLER_MAX_KEEP_ALIVE_MS = 60_000;

/**
 * For the agents and pools of undici. Libraries on top of undici have longer times of their own.
 */
export const callerConnections = {
  keepAliveTimeout: CALLER_KEEP_ALIVE_MS,
  keepAliveMaxTimeout: CALLER_MAX_KEEP_ALIVE_MS,
} as const;

/**
 * For the agents of node:http and node:https. Without `timeout` they keep idle connections for
 * ever, and ignore what the receiver announces.
 */
export const callerAgent = { keepAlive: true, timeout: CALLER_KEEP_ALIVE_MS } as const;

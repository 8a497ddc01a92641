// Reasons that lie with the client, and the limits that a request met.
import type { ReasonFacts } from './reason-facts.ts';

const ITS_LOG = "read the target's own log, and look at its load";
const NOTHING = 'nothing; the client has to change its request';

export const clientReasons = {
  'request.malformed': {
    level: 'info',
    means: 'The request is not valid HTTP, or a part of it is malformed',
    next: NOTHING,
  },
  'request.invalid': {
    level: 'info',
    means: 'The input does not match what the route or the endpoint takes',
    next: NOTHING,
  },
  'request.too-large': {
    level: 'info',
    means: 'The head, the body or the query is larger than allowed',
    next: 'raise the limit of the route where such requests are right',
  },
  'request.media-type': {
    level: 'info',
    means: 'The media type, or the demanded one, is not supported here',
    next: NOTHING,
  },
  'request.slow': {
    level: 'info',
    means: 'The client did not send its request in time',
    next: 'nothing; many at once may be an attack',
  },
  'request.conflict': {
    level: 'info',
    means: 'The state is not what the request expects, or the same request is being worked on',
    next: NOTHING,
  },
  'request.loop': {
    level: 'error',
    means: 'Functions have called each other too many times in a row',
    next: 'follow the trace, and break the circle',
  },
  'client.left': {
    level: 'info',
    means: 'The client closed its connection before it had the whole answer',
    next: 'compare `durationMs` with the time limits of the clients',
  },
  'client.slow': {
    level: 'info',
    means: 'The client took the answer too slowly',
    next: 'nothing; many at once may be an attack',
  },
  'client.tls': {
    level: 'info',
    means: 'The TLS handshake with the client failed',
    next: 'read `cause`; where all clients fail, look at the certificate and its chain',
  },
  'auth.missing': { level: 'info', means: 'The request has no credentials', next: NOTHING },
  'auth.invalid': {
    level: 'info',
    means: 'The credentials are not valid here',
    next: 'check issuer, audience and keys where all requests fail',
  },
  'auth.forbidden': {
    level: 'info',
    means: 'The caller may not do this',
    next: 'check the rules of the API where the caller should be able to',
  },
  'auth.unavailable': {
    level: 'error',
    means: 'Credentials cannot be checked, as the keys are missing',
    next: 'check whether the issuer of the tokens can be reached; create the Secret of a webhook',
  },
  'webhook.malformed': {
    level: 'info',
    means: 'The signature of a delivery, or its time, is not written as the sender writes it',
    next: 'compare `kind` of the webhook with the sender',
  },
  'webhook.signature': {
    level: 'info',
    means: 'No secret of the webhook makes the signature of the delivery',
    next: 'compare the Secret with what the sender has; let no proxy change the body',
  },
  'webhook.time': {
    level: 'info',
    means: 'The delivery is signed, and its time is further away than `tolerance`',
    next: 'compare the clocks; where they agree, an old delivery was sent again by somebody else',
  },
  'origin.refused': {
    level: 'info',
    means: 'Pages of this origin may not do this',
    next: 'add the origin to `cors` where it should be able to',
  },
  'route.none': {
    level: 'info',
    means: 'No route takes the request',
    next: 'run `tenfold routes explain` with the request',
  },
  'route.method': {
    level: 'info',
    means: 'The path is served, and not with this method',
    next: 'run `tenfold routes explain` with the request',
  },
  'route.version': { level: 'info', means: 'The API has no such version', next: NOTHING },
  'route.retired': { level: 'info', means: 'The route was served until its end date', next: NOTHING },
  'resource.none': { level: 'info', means: 'The endpoint has nothing under this name, key or id', next: NOTHING },
  'resource.gone': { level: 'info', means: 'It was here and is not kept any more', next: NOTHING },
  'limit.rate': {
    level: 'warn',
    means: 'The client sent more than a rate limit allows',
    next: 'raise the limit, or ask the client to slow down',
  },
  'limit.calls': {
    level: 'warn',
    means: 'The limits of a function are reached, and no more calls may wait',
    next: 'raise `limits` of the function, or add replicas',
  },
  'limit.paused': {
    level: 'warn',
    means: 'A function has asked all of its callers for a pause (`Retry-After`)',
    next: "read the function's own log",
  },
  'limit.instances': {
    level: 'warn',
    means: 'Too many requests wait for a place at an instance of a function',
    next: 'raise `scaling`, or find out why the function is slow',
  },
  'limit.connections': { level: 'warn', means: 'Too many connections to the target are open', next: ITS_LOG },
  'limit.events': {
    level: 'warn',
    means: 'Too many events wait to be written',
    next: 'look at the event log, and at who publishes',
  },
  'limit.jobs': {
    level: 'warn',
    means: 'The queue holds `maxWaiting` jobs',
    next: 'let its workers work faster, or raise `maxWaiting`',
  },
  'limit.work': { level: 'warn', means: 'Too much work is waiting', next: 'look at the load of the process' },
} as const satisfies Record<string, ReasonFacts>;

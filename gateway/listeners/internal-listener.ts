// The internal listener: where functions' clients and other services of the cluster call functions,
// publish and enqueue, with a key of their namespace.
import { formatOrigins, parseOrigins } from '../../core/cloudevents/origins.ts';
import { TenfoldError } from '../../core/errors.ts';
import type { Tracer } from '../../core/tracing/tracer.ts';
import {
  ATTEMPT_HEADER,
  CALLER_HEADER,
  CAUSE_KEY_PATH,
  DEPTH_HEADER,
  HEADER_PREFIX,
  KEY_HEADER,
  MAX_DEPTH,
  MAX_INTERNAL_TIMEOUT_MS,
  ORIGIN_HEADER,
  TIMEOUT_HEADER,
} from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { Exchange } from '../exchange/exchange.ts';
import type { Target } from '../exchange/target.ts';
import { createClientReader } from '../http/client.ts';
import type { RequestHead } from '../http/request-head.ts';
import { withoutPrefix } from '../steps/forward.ts';
import type { AnsweredListener } from './answered.ts';
import type { Callers } from './callers.ts';
import { createCauseKeyTarget } from './cause-key-target.ts';
import { type InternalPlace, parseInternalPath } from './internal-paths.ts';
import type { Handler } from './listener-server.ts';
import { createRequestHandler, type RequestContext } from './request-context.ts';

export interface InternalHandlerOptions {
  readonly world: World;
  readonly callers: Callers;
  /**
   * A function with the limits that all of its callers share; undefined when
   * there is no such function.
   */
  targetOf(namespace: string, name: string): Target | undefined;
  /** The function's own limit, milliseconds; undefined when there is no such function. */
  timeoutOf(namespace: string, name: string): number | undefined;
  /**
   * The target behind a topic, a queue, a view or the cache, or `below` it: a job, a piece of data.
   * Undefined when there is nothing.
   */
  eventTargetOf?(
    namespace: string,
    endpoint: 'topics' | 'queues' | 'views' | 'fan-outs' | 'blobs' | 'cache',
    name: string,
    below: boolean,
  ): Target | undefined;
  /** The key with which functions of the namespace seal why they failed. */
  causeKeyFor?(namespace: string): Buffer;
  readonly answered: AnsweredListener;
  /** Undefined where no spans are recorded. */
  readonly tracer?: Tracer | undefined;
}

const ENDPOINTS = {
  functions: { kind: 'Function', route: '/functions/:name' },
  topics: { kind: 'Topic', route: '/topics/:name' },
  queues: { kind: 'Queue', route: '/queues/:name' },
  views: { kind: 'View', route: '/views/:name' },
  'fan-outs': { kind: 'FanOut', route: '/fan-outs/:name' },
  blobs: { kind: 'Function', route: '/blobs/*' },
  cache: { kind: 'Cache', route: '/cache/:key' },
  causes: { kind: 'Function', route: CAUSE_KEY_PATH },
} as const;

export function createInternalHandler(options: InternalHandlerOptions): Handler {
  const { world, callers, answered, tracer } = options;
  const readClient = createClientReader([]);
  return createRequestHandler({
    world,
    listener: 'internal',
    trusted: true,
    readClient,
    answered,
    tracer,
    receive(context, refuseRest) {
      if (context.head.method === 'TRACE')
        throw new TenfoldError('method-not-allowed', 'TRACE is not answered at the internal listener.');
      const own = takeOwnFields(context.head);
      const key = own.get(KEY_HEADER);
      const found = callers.namespaceOf(key);
      if (!(found instanceof Promise)) return enter(context, own, assertKnown(found, key), refuseRest);
      return found.then(namespace => {
        // A caller that has left meanwhile is not served.
        if (!context.response.closed) enter(context, own, assertKnown(namespace, key), refuseRest);
      });
    },
  });

  function enter(
    context: RequestContext,
    own: ReadonlyMap<string, string>,
    namespace: string,
    refuseRest: () => void,
  ): void {
    const { request, response, head, trace } = context;
    const place = parseInternalPath(head.path);
    const { target, limitMs } = find(options, namespace, place);
    const { kind, route } = ENDPOINTS[place.endpoint];
    context.route = { kind, namespace, name: place.name, path: route, target: target.label, logSample: 1 };
    // A publication is one step of a chain; the function that is called is the next.
    const depth = readDepth(own.get(DEPTH_HEADER));
    head.fields.push(DEPTH_HEADER, String(place.endpoint === 'functions' ? depth + 1 : depth));
    // Endpoints for events always get it: the origins that an event claims are believed when its
    // caller has a key.
    const origin = formatOrigins(parseOrigins(own.get(ORIGIN_HEADER), namespace));
    if (origin !== undefined || place.endpoint !== 'functions') head.fields.push(ORIGIN_HEADER, origin ?? '');
    for (const name of [ATTEMPT_HEADER, CALLER_HEADER]) {
      const value = own.get(name);
      if (value !== undefined && (name === ATTEMPT_HEADER || place.endpoint !== 'functions'))
        head.fields.push(name, value);
    }
    const timeoutMs = Math.min(limitMs, readTimeout(own.get(TIMEOUT_HEADER)));
    const exchange = new Exchange({
      world,
      request,
      response,
      head,
      params: {},
      target: target.label,
      trace,
      readClient,
      timeoutMs,
      refuseRest,
    });
    const caller = own.get(CALLER_HEADER);
    if (caller !== undefined) exchange.request.caller = `${namespace}/${caller}`;
    exchange.request.clientPath = place.mount;
    exchange.request.path = withoutPrefix(exchange.path, place.mount);
    target.send(exchange);
  }
}

function find(options: InternalHandlerOptions, namespace: string, { endpoint, name, below }: InternalPlace) {
  if (endpoint === 'functions') {
    const target = options.targetOf(namespace, name);
    const limitMs = options.timeoutOf(namespace, name);
    if (target && limitMs !== undefined) return { target, limitMs };
    throw new TenfoldError('unknown-function', `Namespace ${namespace} has no function ${name}.`);
  }
  if (endpoint === 'causes') {
    const key = options.causeKeyFor?.(namespace);
    if (key) return { target: createCauseKeyTarget(key), limitMs: MAX_INTERNAL_TIMEOUT_MS };
    throw new TenfoldError('unsupported', 'This process has no key with which causes are sealed.');
  }
  const target = options.eventTargetOf?.(namespace, endpoint, name, below);
  if (target) return { target, limitMs: MAX_INTERNAL_TIMEOUT_MS };
  if (endpoint === 'cache') throw new TenfoldError('unsupported', 'This process has no store to keep a cache in.');
  throw new TenfoldError(
    'not-found',
    `Namespace ${namespace} has no ${ENDPOINTS[endpoint].kind.toLowerCase()} ${name}.`,
  );
}

/** Removes our own fields from those that are sent on; each is read here and written anew. */
function takeOwnFields(head: RequestHead): Map<string, string> {
  const own = new Map<string, string>();
  const { fields } = head;
  let kept = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1] ?? '';
    if (name.startsWith(HEADER_PREFIX)) {
      own.set(name, value);
      continue;
    }
    fields[kept++] = name;
    fields[kept++] = value;
  }
  fields.length = kept;
  return own;
}

function assertKnown(namespace: string | undefined, key: string | undefined): string {
  if (namespace !== undefined) return namespace;
  const problem = key === undefined ? 'no key was sent' : 'the key is not valid here';
  throw new TenfoldError('unauthenticated', `The internal listener takes a key in ${KEY_HEADER}: ${problem}.`, {
    reason: key === undefined ? 'auth.missing' : 'auth.invalid',
  });
}

function readTimeout(field: string | undefined): number {
  if (field === undefined) return MAX_INTERNAL_TIMEOUT_MS;
  const ms = Number(field);
  if (!Number.isInteger(ms) || ms < 1) {
    throw new TenfoldError('bad-request', `${TIMEOUT_HEADER} must be a whole number of milliseconds above 0.`);
  }
  return Math.min(ms, MAX_INTERNAL_TIMEOUT_MS);
}

function readDepth(field: string | undefined): number {
  const depth = field === undefined ? 0 : Number(field);
  if (!Number.isInteger(depth) || depth < 0)
    throw new TenfoldError('bad-request', `${DEPTH_HEADER} must be a whole number.`);
  if (depth >= MAX_DEPTH) {
    throw new TenfoldError(
      'loop-detected',
      `Functions have called each other ${depth} times in a row; this looks like a loop.`,
    );
  }
  return depth;
}

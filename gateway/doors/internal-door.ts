// The internal doors: where functions' clients and other services of the cluster call functions, with a key instead of a public route.
import { TenfoldError } from '../../core/errors.ts';
import {
  ATTEMPT_HEADER,
  DEPTH_HEADER,
  HEADER_PREFIX,
  KEY_HEADER,
  MAX_INTERNAL_TIMEOUT_MS,
  TIMEOUT_HEADER,
} from '../../core/wire.ts';
import type { World } from '../../core/world.ts';
import { Exchange } from '../exchange/exchange.ts';
import { createClientReader } from '../http/client.ts';
import type { RequestHead } from '../http/request-head.ts';
import { withoutPrefix } from '../steps/forward.ts';
import type { Target } from '../target/target.ts';
import type { CallerKeys } from './caller-keys.ts';
import type { AnsweredListener } from './door-events.ts';
import type { Handler } from './door-server.ts';
import { createDoor } from './visit.ts';

export interface InternalDoorOptions {
  readonly world: World;
  readonly keys: CallerKeys;
  /** A function with the limits that all of its callers share; undefined when there is no such function. */
  targetOf(namespace: string, name: string): Target | undefined;
  /** The function's own limit, milliseconds; undefined when there is no such function. */
  timeoutOf(namespace: string, name: string): number | undefined;
  readonly answered: AnsweredListener;
}

/** A chain of invocations longer than this is a loop. */
const MAX_DEPTH = 32;
const FUNCTION_PATH = /^\/functions\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(\/.*)?$/;
/** Doors that the SDK's clients know and that this version does not open. */
const EVENT_DOORS = /^\/(topics|queues|views|fan-outs|cache)(\/|$)/;

export function createInternalDoor(options: InternalDoorOptions): Handler {
  const { world, keys, targetOf, timeoutOf, answered } = options;
  const readClient = createClientReader([]);
  return createDoor({
    world,
    door: 'internal',
    readClient,
    answered,
    receive(visit, refuseRest) {
      const { request, response, head, trace } = visit;
      const own = takeOwnFields(head);
      const namespace = authenticate(keys, own.get(KEY_HEADER));
      const { name, mount } = parseDoor(head.path);
      const target = targetOf(namespace, name);
      const limitMs = timeoutOf(namespace, name);
      if (target === undefined || limitMs === undefined) {
        throw new TenfoldError('unknown-function', `Namespace ${namespace} has no function ${name}.`);
      }
      visit.route = { kind: 'Function', namespace, name, path: '/functions/:name', target: target.label, logSample: 1 };
      head.fields.push(DEPTH_HEADER, String(readDepth(own.get(DEPTH_HEADER)) + 1));
      const attempt = own.get(ATTEMPT_HEADER);
      if (attempt !== undefined) head.fields.push(ATTEMPT_HEADER, attempt);
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
      exchange.clientPath = mount;
      exchange.path = withoutPrefix(exchange.path, mount);
      target.send(exchange);
    },
  });
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

function authenticate(keys: CallerKeys, key: string | undefined): string {
  const namespace = keys.namespaceOf(key);
  if (namespace !== undefined) return namespace;
  const problem = key === undefined ? 'no key was sent' : 'the key is not valid here';
  throw new TenfoldError('unauthenticated', `The internal doors take a key in ${KEY_HEADER}: ${problem}.`);
}

/** `mount`: the part of the path that the function does not see. */
function parseDoor(path: string): { readonly name: string; readonly mount: string } {
  const match = FUNCTION_PATH.exec(path);
  if (match) return { name: match[1] ?? '', mount: `/functions/${match[1]}` };
  const door = EVENT_DOORS.exec(path)?.[1];
  if (door)
    throw new TenfoldError('unsupported', `This version of the platform serves functions only, not /${door} yet.`);
  throw new TenfoldError('not-found', `No internal door at ${path}; functions are at /functions/{name}.`);
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

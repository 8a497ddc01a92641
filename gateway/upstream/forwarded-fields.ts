// Chooses the fields of a request that go along on calls made on its behalf: the caller's identity,
// but never to a stranger.
import { DEPTH_HEADER, ORIGIN_HEADER } from '../../core/wire.ts';
import type { PlanContext } from '../plan/plan-context.ts';

/** Anybody may know these. */
const COMMON = ['accept-language'];
/** Fields that services of the platform get besides, as on a route that leads to them. */
const INTERNAL = ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-proto'];
/**
 * The same fields, of the first caller where an answer is stored: the caller's address, and trace
 * fields.
 */
const UNKEYED = ['x-forwarded-for', 'tracestate', DEPTH_HEADER, ORIGIN_HEADER];
/** The same, unless the answer is kept: each asker has its own. */
const ONLY_UNKEPT = ['forwarded', 'x-request-id', 'baggage'];
/** Who asks. */
const IDENTITY = ['authorization', 'cookie'];

export interface Forwarding {
  /** The target is a service of the platform; a `url` may be anybody's. */
  readonly internal: boolean;
  /**
   * Without it the answer cannot depend on the caller, so that it may be stored and shown to
   * others.
   */
  readonly identity: boolean;
  /**
   * The answer is kept and given to others who say the same: all fields but `isUnkeyed`
   * ones are part of its key.
   */
  readonly cached?: boolean;
}

/** No answer that is kept may depend on it. */
export function isUnkeyed(name: string): boolean {
  return UNKEYED.includes(name);
}

/** Takes fields as name and value in turn, and answers with those to send on. */
export type FieldForwarder = (fields: readonly string[]) => string[];

export function createFieldForwarder(context: PlanContext, namespace: string, forwarding: Forwarding): FieldForwarder {
  const names = new Set(COMMON);
  if (forwarding.internal) for (const name of [...INTERNAL, ...UNKEYED]) names.add(name);
  if (forwarding.internal && !forwarding.cached) for (const name of ONLY_UNKEPT) names.add(name);
  if (forwarding.internal && forwarding.identity) {
    for (const name of [...IDENTITY, ...claimFields(context, namespace)]) names.add(name);
  }
  return fields => {
    const taken: string[] = [];
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const name = fields[index] ?? '';
      if (names.has(name)) taken.push(name, fields[index + 1] ?? '');
    }
    return taken;
  };
}

/** Fields into which Apis of the namespace write claims of verified tokens. */
function claimFields({ resources }: PlanContext, namespace: string): string[] {
  return resources
    .ofKind('Api')
    .filter(api => api.metadata.namespace === namespace)
    .flatMap(api => Object.keys(api.spec.auth?.jwt?.forward ?? {}));
}

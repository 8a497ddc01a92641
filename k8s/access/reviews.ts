// Asks the API server whose a token is (TokenReview), and what its owner may do
// (SubjectAccessReview). It keeps answers for seconds and errors not at all: without an answer
// nobody may do anything.
import { createHash } from 'node:crypto';
import { TenfoldError } from '../../core/errors.ts';
import { FairPlaces } from '../../core/fair-places.ts';
import type { World } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { KubeError } from '../api/kube-error.ts';
import { read, readList, readText } from '../api/kube-object.ts';
import { BriefCache } from './brief-cache.ts';

export interface KubeIdentity {
  readonly username: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  /** As the API server gives it, to hand it back. */
  readonly extra: unknown;
}

export interface Reviews {
  /**
   * Undefined for a token that the cluster does not know. `from`: the address of the caller, whose
   * questions wait for each other. Rejects with `auth-unavailable` and `overloaded`.
   */
  whoIs(token: string, from: string): Promise<KubeIdentity | undefined>;
  /** Without a namespace: in all of them. Rejects with `auth-unavailable`. */
  may(identity: KubeIdentity, verb: string, namespace: string | undefined): Promise<boolean>;
}

export interface ReviewsOptions {
  readonly world: Pick<World, 'monotonic' | 'after'>;
  readonly client: Pick<KubeClient, 'call'>;
  /** Tokens that are made for the platform have it; those of people are for the API server. */
  readonly audience: string;
}

/** `audience` of tokens for the admin API of the platform in that namespace. */
export function adminAudienceOf(platformNamespace: string): string {
  return `tenfold.dev/admin/${platformNamespace}`;
}

/** A right is named so in a role: the verbs of this resource are those of the admin API. */
const PLATFORM_RESOURCE = { group: 'tenfold.dev', resource: 'platform' } as const;

/** As the API server itself keeps what it is told of tokens. */
const KNOWN_MS = 10_000;
const UNKNOWN_MS = 2_000;
const RIGHT_MS = 5_000;
const MOST_TOKENS = 2_000;
const MOST_RIGHTS = 20_000;
const ANSWER_WITHIN_MS = 5_000;
/** Anybody can send tokens that nobody knows. Tokens of one address wait for each other. */
const TOKENS = { places: 8, most: 4, waiting: 64 };
/** A caller may have rights in many namespaces. */
const RIGHTS = { places: 16, most: 8, waiting: 20_000 };
const WAIT_MS = 10_000;

export function createReviews({ world, client, audience }: ReviewsOptions): Reviews {
  const identities = new BriefCache<KubeIdentity | undefined>(world, MOST_TOKENS);
  const rights = new BriefCache<boolean>(world, MOST_RIGHTS);
  const placesOf = ({ places, waiting }: typeof TOKENS, what: string) =>
    new FairPlaces({ world, places, waiting, waitMs: WAIT_MS, what });
  const tokens = placesOf(TOKENS, 'questions about tokens');
  const allRights = placesOf(RIGHTS, 'questions about rights');
  const review = async (group: string, kind: string, spec: object): Promise<unknown> => {
    const body = { apiVersion: `${group}/v1`, kind, spec };
    try {
      return await client.call('POST', `/apis/${group}/v1/${kind.toLowerCase()}s`, {
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch (cause) {
      throw unavailable(kind, cause);
    }
  };
  return {
    whoIs: (token, from) =>
      identities.get(
        createHash('sha256').update(token).digest('base64'),
        async () => {
          const own = audiencesOf(token).includes(audience);
          const spec = own ? { token, audiences: [audience] } : { token };
          const answer = await inTurn(tokens, from, TOKENS.most, () =>
            review('authentication.k8s.io', 'TokenReview', spec),
          );
          if (read(answer, 'status', 'authenticated') !== true) return undefined;
          // An API server that knows no audiences has not looked at them.
          if (own && !readList(answer, 'status', 'audiences').includes(audience)) return undefined;
          return toIdentity(answer);
        },
        found => (found === undefined ? UNKNOWN_MS : KNOWN_MS),
      ),
    may: (identity, verb, namespace = '') =>
      rights.get(
        JSON.stringify([identity, verb, namespace]),
        async () => {
          const { username: user, uid, groups, extra } = identity;
          const resourceAttributes = { ...PLATFORM_RESOURCE, version: '*', verb, namespace };
          const spec = { user, uid, groups, extra, resourceAttributes };
          const answer = await inTurn(allRights, user, RIGHTS.most, () =>
            review('authorization.k8s.io', 'SubjectAccessReview', spec),
          );
          return read(answer, 'status', 'allowed') === true && read(answer, 'status', 'denied') !== true;
        },
        () => RIGHT_MS,
      ),
  };
}

async function inTurn<T>(places: FairPlaces, party: string, most: number, ask: () => Promise<T>): Promise<T> {
  const done = await places.take(party, most, new AbortController().signal);
  try {
    return await ask();
  } finally {
    done();
  }
}

function toIdentity(answer: unknown): KubeIdentity | undefined {
  const username = readText(answer, 'status', 'user', 'username');
  if (username === undefined || username === '') return undefined;
  return {
    username,
    uid: readText(answer, 'status', 'user', 'uid'),
    groups: readList(answer, 'status', 'user', 'groups').map(String),
    extra: read(answer, 'status', 'user', 'extra'),
  };
}

/** As the token has them, which nobody has checked yet: it only decides what is asked. */
function audiencesOf(token: string): readonly unknown[] {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return [read(claims, 'aud')].flat();
  } catch {
    return [];
  }
}

function unavailable(kind: string, cause: unknown): TenfoldError {
  const reason = cause instanceof KubeError || cause instanceof Error ? cause.message : String(cause);
  const next =
    cause instanceof KubeError && cause.httpStatus === 403
      ? ' Give the account of the platform the ClusterRole system:auth-delegator, or set admin.kubernetes to false.'
      : '';
  const message = `The cluster does not say who calls and what they may (${kind}): ${reason}.${next}`;
  return new TenfoldError('auth-unavailable', message, { cause, retryAfterSeconds: 1 });
}

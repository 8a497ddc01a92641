// Answers a registry that asks for credentials: with a password, or with a token that its authority
// gives for one (distribution-spec, token auth).
import type { Dispatcher } from 'undici';
import { TenfoldError } from '../../core/errors.ts';
import type { Credentials } from './credentials.ts';

export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

/** RFC 9110 §11.6.1, as far as registries use it; undefined for schemes that are not known. */
export function parseChallenge(header: string): Challenge | undefined {
  const [, scheme, rest = ''] = /^\s*(\w+)\s*(.*)$/.exec(header) ?? [];
  const name = scheme?.toLowerCase();
  if (name !== 'basic' && name !== 'bearer') return undefined;
  const parameters: Record<string, string> = {};
  for (const [, key = '', quoted, plain] of rest.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g))
    parameters[key.toLowerCase()] = quoted ?? plain ?? '';
  return { scheme: name, parameters };
}

export interface TokenRequest {
  readonly dispatcher: Dispatcher;
  readonly registry: string;
  readonly challenge: Challenge;
  readonly credentials: Credentials | undefined;
  /** The permission that is asked for, e.g. `repository:shop/orders:pull,push`. */
  readonly scope: string;
  readonly signal: AbortSignal;
}

/** The value for the `Authorization` header; rejects with `unauthenticated`. */
export async function authorize(request: TokenRequest): Promise<string> {
  const { challenge, credentials, registry } = request;
  const basic =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  if (challenge.scheme === 'bearer') return `Bearer ${await fetchToken(request, basic)}`;
  if (basic === undefined) throw unauthenticated(registry, 'wants to know who asks');
  return basic;
}

async function fetchToken(request: TokenRequest, basic: string | undefined): Promise<string> {
  const { dispatcher, registry, challenge, scope, signal } = request;
  const { realm = '', service } = challenge.parameters;
  if (!URL.canParse(realm)) throw unauthenticated(registry, 'names no authority that gives tokens');
  const url = new URL(realm);
  // A password is sent only over TLS, or to where the registry itself is asked without.
  if (basic !== undefined && url.protocol !== 'https:' && url.hostname !== hostOf(registry))
    throw unauthenticated(registry, `would have the password sent to ${url.origin} without TLS`);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  const answer = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    headers: { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) },
    signal,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200)
    throw unauthenticated(registry, `did not take the credentials (${answer.statusCode} of ${url.origin})`);
  const { token, access_token: access } = JSON.parse(text) as { token?: unknown; access_token?: unknown };
  const given = token ?? access;
  if (typeof given !== 'string') throw unauthenticated(registry, `was given no token by ${url.origin}`);
  return given;
}

function hostOf(registry: string): string {
  return registry.replace(/:\d+$/, '');
}

function unauthenticated(registry: string, what: string): TenfoldError {
  return new TenfoldError(
    'unauthenticated',
    `The registry ${registry} ${what}. Log in with "docker login ${registry}", or set TENFOLD_REGISTRY_USERNAME and TENFOLD_REGISTRY_PASSWORD.`,
  );
}

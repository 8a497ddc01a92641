// Aspects for authentication and for rules over the caller, as an Api and its routes declare them.
import { asksLikeItsApi } from '../../resources/kinds/routes/auth.ts';
import { allow } from '../auth/allow.ts';
import { createApiKeys } from '../auth/api-keys.ts';
import { authenticate } from '../auth/authenticate.ts';
import { createChallenges } from '../auth/challenges.ts';
import { createFetchJson } from '../auth/fetch-json.ts';
import { createKeySource } from '../auth/key-source.ts';
import { createTokenVerifier, type TokenVerifier } from '../auth/token-verifier.ts';
import { dropFields, spellingsOf } from '../http/fields.ts';
import type { Aspect, RouteSite } from '../plan/route-site.ts';

export const authentication: Aspect = site => {
  const { api, route, context } = site;
  const { auth } = api.spec;
  if (!auth) return undefined;
  const { jwt, apiKey, optional } = auth;
  const keyHeader = apiKey?.header ?? '';
  const drop = spellingsOf([...(apiKey ? [keyHeader] : []), ...Object.keys(jwt?.forward ?? {})]);
  if (!asksLikeItsApi(route) || (!jwt && !apiKey))
    return drop.size === 0 ? undefined : exchange => dropFields(exchange.request.headers, drop);
  const { world, secrets, log } = context;
  const { namespace } = api.metadata;
  const keys =
    apiKey &&
    context.state.keep(`api-keys/${namespace}/${apiKey.secret}`, () =>
      createApiKeys({ world, secrets, namespace, secret: apiKey.secret, log }),
    );
  return authenticate({ tokens: tokensOf(site), keys, keyHeader, optional, drop, challenges: challengesOf(site) });
};

export const rules: Aspect = site => {
  const { api, route } = site;
  // A route that does not ask who calls is not bound by the rule over callers of the Api.
  const common = asksLikeItsApi(route) ? api.spec.auth?.allow : undefined;
  return allow(
    [common, route.auth?.allow].filter(rule => rule !== undefined),
    challengesOf(site),
  );
};

function challengesOf({ api }: RouteSite) {
  const { jwt, apiKey } = api.spec.auth ?? {};
  return createChallenges({ realm: api.metadata.name, bearer: jwt !== undefined, keyHeader: apiKey?.header });
}

function tokensOf({ api, context }: RouteSite): TokenVerifier | undefined {
  const jwt = api.spec.auth?.jwt;
  if (!jwt) return undefined;
  const { world, transport, state, log } = context;
  const { issuer, jwksUri } = jwt;
  const { namespace, name } = api.metadata;
  const source = state.keep(`token-keys/${namespace} ${issuer} ${jwksUri ?? ''}`, () =>
    createKeySource({ world, issuer, jwksUri, fetchJson: createFetchJson(world, transport, namespace), log }),
  );
  return state.keep(`tokens/${namespace}/${name} ${JSON.stringify(jwt)}`, () =>
    createTokenVerifier(world, jwt, source),
  );
}

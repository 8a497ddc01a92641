// The step that finds out who calls: takes the credentials out of a request, checks them,
// tells the target who it is.
import { type ErrorOptions, TenfoldError } from '../../core/errors.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Step } from '../exchange/step.ts';
import { dropFields, joinedField } from '../http/fields.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Challenges } from './challenges.ts';
import { type Identity, isRefusal, type Refusal } from './identity.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface AuthenticateOptions {
  readonly tokens: TokenVerifier | undefined;
  readonly keys: ApiKeys | undefined;
  /** Header that carries an API key. */
  readonly keyHeader: string;
  /** Lets requests without credentials through. */
  readonly optional: boolean;
  /** Names that the target must get from us or not at all; from `spellingsOf`. */
  readonly drop: ReadonlySet<string>;
  readonly challenges: Challenges;
}

/** RFC 6750 §2.1: one scheme, one token of its alphabet. */
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

export function authenticate(options: AuthenticateOptions): Step {
  const { tokens, keys, keyHeader, optional, drop, challenges } = options;

  const refuse = (exchange: Exchange, why: string, refusal?: Refusal, options?: ErrorOptions) => {
    exchange.response.addFields(...challenges(refusal));
    const code = refusal?.error === 'insufficient_scope' ? 'forbidden' : 'unauthenticated';
    exchange.fail(new TenfoldError(code, why, options));
  };

  const admit = (exchange: Exchange, identity: Identity, keyOwner: string | undefined) => {
    // With both, the key says which application calls and the token for whom.
    exchange.request.consumer = keyOwner ?? identity.consumer;
    exchange.request.claims = identity.claims;
    exchange.request.headers.push(...identity.forward);
  };

  const admitToken = async (exchange: Exchange, credential: string, keyOwner: string | undefined) => {
    const token = BEARER.exec(credential)?.[1];
    if (token === undefined) return refuse(exchange, 'Authorization must be "Bearer" and a token here.');
    const result = await tokens?.verify(credential, token);
    if (result === undefined || isRefusal(result)) {
      return refuse(exchange, `${result?.reason ?? 'No token is accepted here'}.`, result);
    }
    admit(exchange, result, keyOwner);
  };

  return exchange => {
    const { headers } = exchange.request;
    const credential = tokens && joinedField(headers, 'authorization');
    const key = keys && joinedField(headers, keyHeader);
    dropFields(headers, drop);
    if (credential === undefined && key === undefined) {
      if (!optional)
        refuse(exchange, `Credentials are missing. Send ${waysIn(options)}.`, undefined, { reason: 'auth.missing' });
      return;
    }
    let keyOwner: string | undefined;
    if (key !== undefined) {
      keyOwner = keys?.consumerOf(key);
      if (keyOwner === undefined) return refuse(exchange, `The API key in ${keyHeader} is not valid here.`);
      exchange.request.consumer = keyOwner;
    }
    if (credential === undefined) return;
    const known = tokens?.known(credential);
    if (known === undefined) return admitToken(exchange, credential, keyOwner);
    admit(exchange, known, keyOwner);
  };
}

function waysIn({ tokens, keys, keyHeader }: AuthenticateOptions): string {
  const token = tokens && '"Authorization: Bearer" with a token';
  const key = keys && `an API key in ${keyHeader}`;
  return [token, key].filter(way => way !== undefined).join(', or ');
}

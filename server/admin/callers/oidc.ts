// Callers of the admin API by ID tokens of an OpenID Connect issuer, with roles by their groups.
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { type Caller, createCaller } from '../../../admin/access/caller.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { FetchJson } from '../../../gateway/auth/fetch-json.ts';
import { isRefusal } from '../../../gateway/auth/identity.ts';
import { createKeySource } from '../../../gateway/auth/key-source.ts';
import { createTokenVerifier } from '../../../gateway/auth/token-verifier.ts';
import type { GatewayLogEntry } from '../../platform-events.ts';
import { grantsOf, type RoleOf } from './roles.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri?: string | undefined;
  readonly algorithms: readonly string[];
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly usernameClaim: string;
  readonly groupsClaim: string;
  readonly roles: readonly RoleOf[];
}

export interface OidcOptions {
  readonly world: World;
  readonly settings: OidcSettings;
  readonly fetchJson: FetchJson;
  log(entry: GatewayLogEntry): void;
}

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;

export function oidcAuthenticator({ world, settings, fetchJson, log }: OidcOptions): Authenticator {
  const { issuer, jwksUri } = settings;
  const keys = createKeySource({
    world,
    issuer,
    jwksUri,
    fetchJson,
    log: (level, message, fields) => log({ level, message, fields }),
  });
  const tokens = createTokenVerifier(world, settings, keys);
  return {
    takes: `an ID token of ${issuer}`,
    async identify({ token }) {
      if (token === undefined || issuerOf(token) !== issuer) return undefined;
      const found = tokens.known(token) ?? (await tokens.verify(token, token));
      if (!isRefusal(found)) return toCaller(found.claims ?? {}, settings);
      throw new TenfoldError('unauthenticated', `${found.reason}. It is a token of ${issuer}: get a new one there.`);
    },
    close: () => keys.close(),
  };
}

function toCaller(claims: Readonly<Record<string, unknown>>, settings: OidcSettings): Caller {
  const { usernameClaim, groupsClaim, roles } = settings;
  const name = claims[usernameClaim];
  if (typeof name !== 'string' || name === '') {
    throw new TenfoldError('unauthenticated', `The token has no ${usernameClaim}, which names the caller.`);
  }
  // As the API server of Kubernetes has it: the issuer itself does not vouch for that address.
  if (usernameClaim === 'email' && claims['email_verified'] === false) {
    throw new TenfoldError('unauthenticated', 'The issuer has not verified the email address of the token.');
  }
  const groups = [claims[groupsClaim] ?? []].flat();
  return createCaller(`user ${name}`, grantsOf(roles, name, groups));
}

/** As the token has it, which nobody has checked yet. */
function issuerOf(token: string): unknown {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Fetches a document of the issuer. It may have any address, as the operator names it in the
 * configuration, and no developer does in a resource.
 */
export const fetchIssuerDocument: FetchJson = async (url, signal) => {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new TenfoldError('bad-gateway', `The answer has status ${response.status}, not 200.`);
  }
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new TenfoldError('bad-gateway', `The answer has more than ${MAX_BYTES} bytes.`);
  }
  return JSON.parse(text);
};

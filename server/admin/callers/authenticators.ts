// The callers of the admin API besides the holder of the admin token, as the configuration says.
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import type { PlatformParts } from '../../parts/platform-part.ts';
import { fetchIssuerDocument, oidcAuthenticator } from './oidc.ts';
import { proxyAuthenticator } from './proxy.ts';
import { tokenFileAuthenticator } from './token-file.ts';

/** In the order in which they are asked: at the end those who ask another service. */
export function createAuthenticators({
  options: { adminCallers: { tokens, proxy, oidc } = {}, cluster },
  world,
  log,
}: Pick<PlatformParts, 'options' | 'world' | 'log'>): Authenticator[] {
  return [
    ...(proxy === undefined ? [] : [proxyAuthenticator(proxy)]),
    ...(tokens === undefined ? [] : [tokenFileAuthenticator({ world, file: tokens, log })]),
    ...(oidc === undefined ? [] : [oidcAuthenticator({ world, settings: oidc, fetchJson: fetchIssuerDocument, log })]),
    ...(cluster?.adminCallers ? [cluster.adminCallers] : []),
  ];
}

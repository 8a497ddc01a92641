// Callers of the admin API behind a proxy that knows them, such as oauth2-proxy: it names them in
// header fields, and proves by a secret that it is the proxy.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authenticator } from '../../../admin/access/authenticator.ts';
import { createCaller } from '../../../admin/access/caller.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { grantsOf, type RoleOf } from './roles.ts';

export interface ProxySettings {
  readonly secret: string;
  /** Names of header fields, in lower case. */
  readonly secretHeader: string;
  readonly userHeader: string;
  readonly groupsHeader: string;
  readonly roles: readonly RoleOf[];
}

export function proxyAuthenticator(settings: ProxySettings): Authenticator {
  const { secretHeader, userHeader, groupsHeader, roles } = settings;
  const expected = digest(settings.secret);
  return {
    takes: 'a caller whom the proxy in front of it names',
    identify({ request: { headers } }) {
      const given = headers[secretHeader];
      // Anybody can name a user; only the proxy has the secret.
      if (given === undefined) return undefined;
      if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected)) {
        throw new TenfoldError('unauthenticated', `The secret in ${secretHeader} is not that of admin.proxy.secret.`);
      }
      const name = headers[userHeader];
      if (typeof name !== 'string' || name === '') {
        throw new TenfoldError(
          'unauthenticated',
          `The proxy does not say who calls: the header ${userHeader} is missing. See admin.proxy.userHeader.`,
        );
      }
      const groups = [headers[groupsHeader] ?? []]
        .flat()
        .flatMap(text => text.split(','))
        .map(group => group.trim());
      return createCaller(`user ${name}`, grantsOf(roles, name, groups));
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

// The admin port of the configuration, and who may call its API.
import * as z from 'zod';
import { callerRoles } from '../../admin/access/caller.ts';
import { exactlyOneOf } from '../../resources/kinds/fields/rules.ts';
import { duration } from '../../resources/kinds/fields/units.ts';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { type ConfigReader, filePath, GOOD_SECRET, hostNames, listenAddress, port, secret } from './fields.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAMESPACE_WRONG = 'This must be the name of a namespace, such as shop.';

export function adminListener(reader: ConfigReader) {
  return z
    .strictObject({
      host: listenAddress('the admin port'),
      port: port().prefault(9090).describe('Port of health, metrics and the admin API; 0 takes any free one.'),
      token: secret(reader, GOOD_SECRET)
        .optional()
        .describe(
          'Opens the admin API. Without it a new one at each start, in .tenfold/platform.json of the application.',
        ),
      tokens: filePath()
        .optional()
        .describe(
          'File of further tokens, each with a name, a role (viewer, operator, admin), namespaces, and its SHA-256. Read again when it changes.',
        ),
      oidc: oidc().optional().describe('Takes ID tokens of an OpenID Connect issuer at the admin API.'),
      proxy: proxy(reader)
        .optional()
        .describe('Believes a proxy in front of the admin API who calls. Name its host in `admin.hosts`.'),
      kubernetes: z
        .boolean()
        .prefault(true)
        .describe(
          'Whether the admin API takes tokens of the cluster that resources are taken from, and asks its API server what their owners may do. Without a cluster it means nothing.',
        ),
      hosts: hostNames()
        .prefault([])
        .describe(
          'Host names by which the admin port is called besides its own: names, `*.example.com`, addresses. Without it `/api` answers to loopback names alone. `/metrics` and `/readyz` also answer to addresses, names of one label, and names that end in .svc, .svc.cluster.local, .internal or .local.',
        ),
    })
    .prefault({});
}

function oidc() {
  return z.strictObject({
    issuer: httpUrl().describe('Name of the issuer, as its tokens have it in `iss`.'),
    audience: z.string().min(1).max(512).describe('The client that its tokens are for, as they have it in `aud`.'),
    jwksUri: httpUrl()
      .optional()
      .describe('Address of its keys. Without it the address that its discovery document names.'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .prefault(['RS256', 'PS256', 'ES256', 'EdDSA'])
      .describe('Signatures that are accepted.'),
    clockSkew: duration({ max: '5m' })
      .prefault('30s')
      .describe('How far the clocks may differ when `exp` and `nbf` are checked.'),
    usernameClaim: z
      .string()
      .min(1)
      .max(128)
      .prefault('sub')
      .describe('Claim with the name of the caller, for the audit log and for `user` of `roles`.'),
    groupsClaim: z.string().min(1).max(128).prefault('groups').describe('Claim with the groups of the caller.'),
    roles: roles(),
  });
}

function proxy(reader: ConfigReader) {
  return z.strictObject({
    secret: secret(reader, GOOD_SECRET).describe('Secret that the proxy shows with each request, in `secretHeader`.'),
    secretHeader: header('x-tenfold-proxy-secret').describe('Header field with the secret.'),
    userHeader: header('x-forwarded-user').describe('Header field with the name of the caller.'),
    groupsHeader: header('x-forwarded-groups').describe('Header field with the groups of the caller, between commas.'),
    roles: roles(),
  });
}

function header(name: string) {
  const wrong = 'This must be the name of a header field in lower case.';
  return z
    .string()
    .max(128, wrong)
    .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, wrong)
    .prefault(name);
}

function roles() {
  const one = z.strictObject({
    group: z.string().min(1).max(256).optional().describe('Group whose members have the role.'),
    user: z.string().min(1).max(256).optional().describe('Name of a caller who has the role.'),
    role: z.enum(callerRoles).describe('The role.'),
    namespaces: z
      .array(z.string().regex(NAMESPACE, NAMESPACE_WRONG))
      .min(1)
      .max(1000)
      .optional()
      .describe('Namespaces that the role is for. Without it all.'),
  });
  return z
    .array(exactlyOneOf(one, ['group', 'user']))
    .min(1)
    .max(1000)
    .describe('Who has which role: a caller has all that name it or one of its groups, and nothing without one.');
}

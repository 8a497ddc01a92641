// Header fields by which proxies, meshes, clouds and login services tell applications who calls:
// from anybody else they are lies.

/** In lower case, with `-` for `_`. */
const NAMES = [
  // Users, as proxies in front of applications write them.
  ...['remote-user', 'remote-groups', 'remote-name', 'remote-email', 'remote-addr', 'x-userinfo', 'x-user-info'],
  ...['x-proxy-user', 'proxy-user', 'x-iap-user', 'x-authenticated', 'x-login-user', 'x-sso-user', 'x-saml-user'],
  ...['x-ldap-user', 'x-jwt-assertion', 'x-jwt-payload', 'x-endpoint-api-userinfo', 'x-apigateway-api-userinfo'],
  ...['x-anonymous-consumer', 'x-credential-identifier', 'x-credential-username', 'x-amzn-request-context'],
  // Client certificates.
  ...['client-cert', 'client-cert-chain', 'x-arr-clientcert', 'x-client-dn', 'x-client-verify', 'x-client-s-dn'],
  // Addresses of clients, and the host, scheme and target that they are said to have asked for.
  ...['forwarded', 'forwarded-for', 'x-forwarded', 'x-client-ip', 'client-ip', 'true-client-ip', 'x-real-ip'],
  ...['x-cluster-client-ip', 'x-originating-ip', 'x-proxyuser-ip', 'proxy-client-ip', 'x-client-port', 'x-client-host'],
  ...['fastly-client-ip', 'x-user-ip', 'x-azure-clientip', 'x-azure-socketip', 'x-azure-fdid', 'x-host'],
  ...['x-http-host-override', 'x-rewrite-url', 'x-url-scheme', 'x-scheme', 'front-end-https', 'x-forwarder-for'],
  // `HTTP_PROXY` of CGI programs.
  'proxy',
];

const PREFIXES = [
  ...['x-forwarded-', 'x-remote-', 'x-webauth-', 'x-auth-request-', 'x-authenticated-', 'x-authentik-', 'x-pomerium-'],
  ...['x-vouch-', 'x-consumer-', 'x-oidc-', 'oidc-', 'shib-', 'tailscale-', 'impersonate-', 'x-impersonate-'],
  ...['x-client-cert', 'x-ssl-', 'ssl-client-', 'x-tls-client-', 'x-amzn-mtls-', 'x-amzn-oidc-', 'x-amzn-tls-'],
  ...['x-goog-authenticated-', 'x-goog-iap-', 'x-appengine-', 'x-ms-client-principal', 'x-ms-token-', 'x-iisnode-'],
  ...['cf-access-', 'cf-connecting-', 'cf-pseudo-', 'cf-ip', 'cf-visitor', 'wl-proxy-', 'x-original-', 'x-envoy-'],
  ...['x-istio-', 'l5d-', 'x-linkerd-', 'x-spiffe-', 'x-arr-'],
];

const PATTERN = new RegExp(`^(?:(?:${NAMES.join('|')})$|${PREFIXES.join('|')})`);

/**
 * Every request asks the same few names; of what else clients make up a
 * bounded number is remembered.
 */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1000;

/**
 * `name` in lower case. A name with `_` counts, whatever it is: many servers
 * read it as the one with `-`.
 */
export function isIdentityField(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = name.includes('_') || PATTERN.test(name);
  if (known.size < MAX_KNOWN) known.set(name, found);
  return found;
}

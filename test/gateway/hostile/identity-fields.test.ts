// Headers by which proxies say who calls: of a stranger none reaches a target, whatever its
// spelling, unless the resource lets it through.
import assert from 'node:assert/strict';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { sendRaw } from '../../fakes/raw-http.ts';
import { type ServeOptions, serveYaml } from '../serve-yaml.ts';

/** Who believes them, and which. */
const believed: Record<string, readonly string[]> = {
  'proxies that sign users in': [
    ...['X-Remote-User', 'Remote-User', 'Remote-Groups', 'X-Remote-Group', 'X-Remote-Extra-Scopes', 'X-WEBAUTH-USER'],
    ...['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username'],
    ...['X-Forwarded-Access-Token', 'X-Auth-Request-User', 'X-Auth-Request-Email', 'X-Auth-Request-Groups'],
    ...['X-Authentik-Username', 'X-Pomerium-Claim-Email', 'X-Vouch-User', 'Tailscale-User-Login', 'OIDC-Claim-Sub'],
    ...['X-Proxy-User', 'Impersonate-User', 'Impersonate-Group', 'Shib-Identity-Provider', 'X-Userinfo'],
  ],
  'API gateways': [
    ...['X-Consumer-Username', 'X-Consumer-ID', 'X-Consumer-Custom-ID', 'X-Authenticated-Userid'],
    ...['X-Authenticated-Scope', 'X-Credential-Identifier', 'X-Anonymous-Consumer', 'X-Endpoint-API-UserInfo'],
    ...['X-Apigateway-Api-Userinfo'],
  ],
  'who ends TLS': [
    ...['Client-Cert', 'Client-Cert-Chain', 'X-Forwarded-Client-Cert', 'X-SSL-Client-Cert', 'X-SSL-Client-Verify'],
    ...['X-SSL-Client-S-DN', 'SSL-Client-Cert', 'X-Client-Cert', 'X-ARR-ClientCert', 'X-Amzn-Mtls-Clientcert'],
    ...['WL-Proxy-Client-Cert', 'X-TLS-Client-Subject'],
  ],
  clouds: [
    ...['X-Goog-Authenticated-User-Email', 'X-Goog-IAP-JWT-Assertion', 'X-MS-CLIENT-PRINCIPAL', 'X-AppEngine-User-IP'],
    ...['X-MS-CLIENT-PRINCIPAL-NAME', 'X-MS-TOKEN-AAD-ID-TOKEN', 'X-Amzn-Oidc-Identity', 'X-Amzn-Oidc-Data'],
    ...['Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion', 'X-Azure-ClientIP', 'X-Azure-FDID'],
  ],
  'addresses of clients': [
    ...['X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP', 'X-Real-IP', 'X-Cluster-Client-IP', 'Fastly-Client-IP'],
    ...['X-Originating-IP', 'X-Remote-IP', 'X-Remote-Addr', 'Client-IP', 'Proxy-Client-IP', 'WL-Proxy-Client-IP'],
  ],
  'hosts, schemes and targets': [
    ...['X-Forwarded-Scheme', 'X-Forwarded-Ssl', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Port'],
    ...['X-Original-Method', 'X-Original-URL', 'X-Original-Host', 'X-Original-Forwarded-For', 'X-Rewrite-URL'],
    ...['X-Host', 'X-Scheme', 'X-URL-Scheme', 'Front-End-Https', 'X-Forwarded', 'Forwarded-For', 'Proxy'],
  ],
  meshes: [
    'X-Envoy-External-Address',
    'X-Envoy-Internal',
    'X-Envoy-Original-Path',
    'L5d-Client-Id',
    'X-Istio-Attributes',
  ],
  'servers that read _ as -': [
    'X_Remote_User',
    'X_Anything',
    'Content_Length',
    'Transfer_Encoding',
    'Tenfold_Namespace',
  ],
};

const api = (origin: string, headers = '{}') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  headers: ${headers}
  routes: [{ match: { path: "/*" }, to: { url: "${origin}" } }]
`;
const strangler = (origin: string, headers = '{}') => `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: shop }
spec:
  headers: ${headers}
  legacy: { url: "${origin}" }
  features: [{ name: new, match: { path: /new }, to: { url: "${origin}" }, phase: live }]
`;
const kinds = {
  'the target of an Api': ['/x', api],
  'a legacy system': ['/x', strangler],
  'its new side': ['/new', strangler],
} as const;

describe('identity headers of strangers', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  before(async () => {
    upstream = await startUpstream((request, response) => response.end(JSON.stringify(request.rawHeaders)));
  });
  after(() => upstream.close());

  const withListener = async (
    yaml: string,
    options: ServeOptions,
    test: (ask: (path: string, ...fields: string[]) => Promise<string>) => Promise<void>,
  ) => {
    const listener = await serveYaml(yaml, options);
    try {
      await test(async (path, ...fields) => {
        const head = [`GET ${path} HTTP/1.1`, 'Host: shop.example', 'Connection: close', ...fields];
        const { text, statuses } = await sendRaw(listener.address, `${head.join('\r\n')}\r\n\r\n`);
        assert.deepEqual(statuses, [200], text);
        return text.slice(text.indexOf('['));
      });
    } finally {
      await listener.close();
    }
  };

  for (const [whom, [path, yaml]] of Object.entries(kinds)) {
    it(`reach ${whom} in no spelling, also through a proxy that is trusted`, async () => {
      for (const trustedProxies of [[], ['127.0.0.0/8']])
        await withListener(yaml(upstream.origin), { trustedProxies }, async ask => {
          for (const name of Object.values(believed).flat())
            for (const spelled of [name, name.toUpperCase(), name.replaceAll('-', '_'), name.replace('-', '_')])
              assert.doesNotMatch(await ask(path, `${spelled}: forged`), /forged/, spelled);
        });
    });

    it(`reach ${whom} where the resource lets them through: from everybody, or from proxies alone`, async () => {
      const headers = '{ allow: [x_custom], fromProxies: [x-remote-user] }';
      for (const trustedProxies of [[], ['127.0.0.0/8']])
        await withListener(yaml(upstream.origin, headers), { trustedProxies }, async ask => {
          const seen = await ask(
            path,
            'X_Custom: 11',
            'X-Remote-User: 22',
            'X_Remote_User: forged',
            'Client-Cert: forged',
          );
          assert.match(seen, /"x_custom","11"/);
          assert.equal(/"x-remote-user","22"/.test(seen), trustedProxies.length > 0);
          assert.doesNotMatch(seen, /forged/);
        });
    });

    it(`reach ${whom} no more when the resource drops them, in any spelling`, () =>
      withListener(yaml(upstream.origin, '{ drop: [x-user-id], allow: [x_user_id] }'), {}, async ask => {
        assert.match(await ask(path, 'X-Other: 11'), /11/);
        assert.doesNotMatch(await ask(path, 'X-User-Id: forged', 'X_User_Id: forged'), /forged/);
      }));
  }

  const wrong: Record<string, string> = {
    '{ allow: [x-forwarded-for] }': 'spec.headers.allow.0',
    '{ fromProxies: [tenfold_namespace] }': 'spec.headers.fromProxies.0',
    '{ allow: [content_length] }': 'spec.headers.allow.0',
    '{ allow: [x-plain] }': 'spec.headers.allow.0',
  };
  for (const [headers, at] of Object.entries(wrong)) {
    it(`a resource that says ${headers} is refused`, async () => {
      for (const yaml of [api, strangler])
        await assert.rejects(serveYaml(yaml(upstream.origin, headers)), error => String(error).includes(at));
    });
  }

  it('a route that asks for a header that never arrives is refused', () =>
    assert.rejects(serveYaml(api(upstream.origin).replace('"/*" }', '"/*", headers: { x_client: a } }')), error =>
      String(error).includes('spec.routes.0.match.headers.x_client'),
    ));
});

// The application that the gateway serves when it is measured: routes to one upstream, and whatever
// else of an Api is asked for.

export interface ShopOptions {
  readonly routes: number;
  /** Address of the upstream. */
  readonly upstream: string;
  /** Further members of the spec, as lines of YAML. */
  readonly spec?: string;
  /**
   * Further members of every route, as one line of flow YAML, e.g. `, request: { maxBody: 1Gi }`.
   */
  readonly each?: string;
}

/** The issuer whose keys check tokens; it is a name only. */
export const ISSUER = 'https://login.bench.test';
export const AUDIENCE = 'shop';

/** Routes that an Api may have. */
const MOST = 250;

/** `/shop/r0/:id` to `/shop/r<n>/:id`; as many Apis as they need. */
export function shopYaml({ routes, upstream, spec = '', each = '' }: ShopOptions): string {
  const apis: string[] = [];
  for (let first = 0; first < routes; first += MOST) {
    const lines = Array.from({ length: Math.min(MOST, routes - first) }, (_, index) => {
      const path = `/r${first + index}/:id`;
      return `    - { match: { path: '${path}', method: [GET, POST] }, to: { url: '${upstream}' }${each} }`;
    });
    apis.push(`apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop-${apis.length} }
spec:
  basePath: /shop
${spec}
  routes:
${lines.join('\n')}
`);
  }
  return apis.join('---\n');
}

/** Policies before the routes in the row with everything on: limits high enough never to refuse. */
export function aspectsYaml(aspects: readonly string[], keysUrl: string): string {
  const lines: string[] = [];
  if (aspects.includes('jwt')) {
    lines.push(`  auth: { jwt: { issuer: '${ISSUER}', audience: ${AUDIENCE}, jwksUri: '${keysUrl}' } }`);
  }
  if (aspects.includes('rate limit')) lines.push('  rateLimit: { rate: 900000/s }');
  return lines.join('\n');
}

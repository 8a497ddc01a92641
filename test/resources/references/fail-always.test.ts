// What would fail at every call is refused when it is loaded.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';

function validateText(yaml: string): readonly ResourceProblem[] {
  const { resources, problems } = loadText('app.yaml', yaml);
  return [...problems, ...checkReferences(createResourceSet(resources))];
}

const api = (route: string, more = '') => `
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  ${more}
  routes:
    - ${route}
`;
const aggregate = (part: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Aggregate
metadata: { name: page }
spec: { parts: { one: { to: { url: "http://a.example" }, ${part} } }, response: { body: "\${one.body}" } }
`;
const strangler = (feature: string) => `
apiVersion: tenfold.dev/v1alpha1
kind: Strangler
metadata: { name: old }
spec: { legacy: { url: "http://a.example" }, features: [ { name: one, to: { url: "http://b.example" }, ${feature} } ] }
`;
const KEYS = 'auth: { apiKey: { secret: keys } }';
const JWT = 'auth: { jwt: { issuer: "https://issuer.example", audience: shop } }';
const to = 'to: { url: "http://a.example" }';

const refused: Readonly<Record<string, readonly [yaml: string, message: RegExp]>> = {
  'a parameter that the path does not have': [
    api(`{ match: { path: /a }, ${to}, request: { path: "/x/\${params.id}" } }`),
    /no parameter "id".*Write ":id"/,
  ],
  'the same by another name': [
    api(`{ match: { path: "/a/:other" }, ${to}, request: { headers: { set: { x-a: "\${request.params.id}" } } } }`),
    /no parameter "id"/,
  ],
  'the same in a feature': [strangler('match: { path: /a }, path: "/x/${params.id}"'), /no parameter "id"/],
  'a rule over claims without JWT': [
    api(`{ match: { path: /a }, ${to}, auth: { allow: "\${claims.role == 'a'}" } }`, KEYS),
    /no auth.jwt/,
  ],
  'a header made of claims without JWT': [
    api(`{ match: { path: /a }, ${to}, request: { headers: { set: { x-a: "\${claims.sub}" } } } }`),
    /no auth.jwt/,
  ],
  'a hedge of a part that is no GET, whether or not a route leads there': [
    aggregate('method: POST, hedge: {}'),
    /safe method/,
  ],
  'a cache of a part that is no GET': [aggregate('method: POST, cache: { ttl: 1s }'), /safe method/],
  'a path as OpenAPI has it': [api(`{ match: { path: "/a/{id}" }, ${to} }`), /Write ":id" in place of "\{id\}"/],
};
const taken: Readonly<Record<string, string>> = {
  'a parameter of the path': api(`{ match: { path: "/a/:id" }, ${to}, request: { path: "/x/\${params.id}" } }`),
  'a parameter of a feature': strangler('match: { path: "/a/:id" }, path: "/x/${params.id}"'),
  'a rule over claims with JWT': api(`{ match: { path: /a }, ${to}, auth: { allow: "\${claims.role == 'a'}" } }`, JWT),
  'a hedge and a cache of a GET': aggregate('hedge: {}, cache: { ttl: 1s }'),
};

describe('what would fail at every call', () => {
  for (const [what, [yaml, message]] of Object.entries(refused)) {
    it(`is refused: ${what}`, () => {
      const errors = validateText(yaml).filter(({ severity }) => severity === 'error');
      assert.equal(errors.length, 1, JSON.stringify(errors));
      assert.match(errors[0]?.message ?? '', message);
    });
  }
  for (const [what, yaml] of Object.entries(taken)) {
    it(`is not: ${what}`, () => {
      assert.deepEqual(
        validateText(yaml).filter(({ severity }) => severity === 'error'),
        [],
      );
    });
  }
});

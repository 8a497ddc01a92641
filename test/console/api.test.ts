// Pages ask for what there is: each endpoint that the Console names is one of the admin API.
import assert from 'node:assert/strict';
import { apiRoutes } from '../../admin/internal/api-routes.ts';
import { adminOpenApi, templateOf } from '../../admin/routing/openapi.ts';
import { endpoints } from '../../console/api/endpoints.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

describe('the endpoints that the Console asks', () => {
  const { paths } = adminOpenApi(apiRoutes, '1.2.3') as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };

  for (const [name, { method, path, query }] of Object.entries(endpoints)) {
    it(`${name}: ${method} ${path} is in the OpenAPI document, with its parameters`, () => {
      const operation = paths[templateOf(path)]?.[method.toLowerCase()];
      assert.ok(operation, 'the document has it');
      const known = (operation.parameters ?? []).filter(each => each.in === 'query').map(each => each.name);
      assert.deepEqual(
        query.filter(each => !known.includes(each)),
        [],
      );
    });
  }
});

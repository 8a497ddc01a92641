// Pages ask for what there is: each endpoint that the Console names is one of the admin API.
import assert from 'node:assert/strict';
import { apiRoutes } from '../../admin/internal/api-routes.ts';
import { adminOpenApi, templateOf } from '../../admin/routing/openapi.ts';
import { endpoints } from '../../console/api/endpoints.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/**
 * Lists of a whole platform that pages ask for again and again, and that no look at the platform
 * answers: each is small, is of one thing that the query names, or is asked where somebody acts.
 */
const ASKED_EACH_TIME: readonly string[] = [
  ...['audit', 'caller', 'info', 'sqlTables', 'process', 'settings', 'consumers', 'deadLetters', 'parked', 'fanOuts'],
  ...['fanOutJobs', 'jobs', 'topicCatalogue', 'topics', 'pipelines', 'routes', 'schedules', 'operations', 'findEvents'],
];

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

  it('are answered once for all open pages where they list a whole platform, but for those named here', () => {
    const lists = Object.entries(endpoints).filter(([, { method, path }]) => method === 'GET' && !path.includes('/:'));
    const asked = lists.flatMap(([name, endpoint]) => ('fromLook' in endpoint && endpoint.fromLook ? [] : [name]));
    assert.deepEqual(asked.toSorted(), ASKED_EACH_TIME.toSorted());
  });
});

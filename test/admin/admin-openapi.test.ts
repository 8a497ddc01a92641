// The index and the OpenAPI document of the admin API: they have every endpoint, and are for every
// caller who is known.
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createCaller } from '../../admin/access/caller.ts';
import { apiRoutes } from '../../admin/internal/api-routes.ts';
import { fakeView } from '../fakes/platform-view.ts';
import { AUTH, adminPorts } from './running-admin.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { 'application/json': { schema: { properties?: object } } } };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

describe('document of the admin API', () => {
  const start = adminPorts();

  it('is valid, and has every endpoint with its parameters and its body', async () => {
    const ask = await start(fakeView());
    const { body } = await ask<Document>('/api/openapi.json');
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(body)));
    assert.ok(valid, JSON.stringify(errors));
    const operations = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, ...operation })),
    );
    assert.deepEqual(
      operations.map(({ at }) => at).sort(),
      apiRoutes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).sort(),
    );
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
    const commands = body.paths['/dead-letters/commands']?.['post'];
    const { properties = {} } = commands?.requestBody?.content['application/json'].schema ?? {};
    assert.ok(
      ['action', 'kind', 'ids', 'query'].every(name => name in properties),
      JSON.stringify(properties),
    );
    const job = body.paths['/jobs/{namespace}/{queue}/{id}']?.['get'];
    assert.deepEqual(
      job?.parameters?.map(({ name, in: place }) => `${place} ${name}`),
      ['path namespace', 'path queue', 'path id', 'query wait'],
    );
    assert.equal(job?.description, 'Needs the right to view in the namespace of the path.');
  });

  it('is for every caller who is known, as the index is, and for nobody else', async () => {
    const nobody = { takes: 'x', identify: () => createCaller('guest', []) };
    const open = await start(fakeView(), undefined, [nobody]);
    const closed = await start(fakeView());
    for (const path of ['/api', '/api/', '/api/openapi.json']) {
      assert.equal((await open(path, { authorization: 'Bearer guest' })).status, 200, path);
      assert.equal((await closed(path, {})).status, 401, path);
    }
    const { body } = await closed<{ items: { path: string; needs: string }[] }>('/api', AUTH);
    assert.equal(body.items.length, apiRoutes.length);
    assert.equal(body.items.find(({ path }) => path === '/api/backup')?.needs, 'administer in all namespaces');
  });
});

// Files that resources name are part of what a catalog follows: a changed
// GraphQL schema is a changed Api.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import type { Catalog } from '../../../resources/catalog/catalog.ts';
import { createFileCatalog } from '../../../resources/catalog/file-catalog.ts';

const API = `apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: shop }
spec:
  graphql:
    schema: ./shop.graphql
    resolvers: { Query.menu: { to: { url: 'http://menu.example' } } }
`;

const WITHIN_MS = 2 * 60_000;

describe('a file that a resource names', () => {
  let folder: string;
  let catalog: Catalog | undefined;
  let accepted = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.named-'));
    await writeFile(join(folder, 'shop.graphql'), 'type Query { menu: String }');
    await writeFile(join(folder, 'app.yaml'), API);
    accepted = 0;
    catalog = await createFileCatalog({
      world: realWorld,
      directory: folder,
      watch: true,
      accept: () => ({ problems: [], commit() {} }),
      events: { accepted: () => accepted++, refused: problems => assert.fail(JSON.stringify(problems)) },
    });
  });
  afterEach(async () => {
    await catalog?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function until(count: number): Promise<void> {
    const end = performance.now() + WITHIN_MS;
    while (accepted < count) {
      assert.ok(performance.now() < end, `accepted ${accepted} times, not ${count}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  it('makes a new snapshot when it changes', async () => {
    assert.equal(accepted, 1);
    await writeFile(join(folder, 'shop.graphql'), 'type Query { menu: String, order: String }');
    await until(2);
  });

  it('makes none when it is written again as it was', async () => {
    await writeFile(join(folder, 'shop.graphql'), 'type Query { menu: String }');
    await writeFile(join(folder, 'other.yaml'), API.replace('name: shop', 'name: other'));
    await until(2);
    assert.equal(accepted, 2);
  });
});

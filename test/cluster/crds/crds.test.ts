// The CRDs on a real API server: accepted, with the subresources they promise, and taking what
// the reference pages show.
import assert from 'node:assert/strict';
import { GROUP, kinds, VERSION } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, conditionsOf, example, installCrds, message, pathOf } from '../installed-crds.ts';

describe('CRDs on a real API server', () => {
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    await installCrds(plane.client);
  });

  after(async () => {
    await plane?.close();
  });

  for (const kind of kindNames) {
    describe(kind, () => {
      it('is established, structural, and has the names it asks for', async () => {
        const conditions = await conditionsOf(plane.client, kind);
        assert.equal(conditions.Established, 'True');
        assert.equal(conditions.NamesAccepted, 'True');
        assert.equal(conditions.NonStructuralSchema, undefined);
      });

      it('takes its example by server-side apply, with nothing unknown in it', async () => {
        const manifest = example(kind);
        const answer = await plane.client.apply(pathOf(kind, manifest.metadata.name), manifest);
        assert.equal(answer.status, 201, message(answer));
        assert.deepEqual(answer.body.spec, manifest.spec, 'the server keeps every field and adds none');
      });

      it('refuses an unknown field and names it', async () => {
        const manifest = example(kind, 'unknown-field');
        manifest.spec.tiemout = '5s';
        const answer = await plane.client.apply(pathOf(kind, 'unknown-field'), manifest);
        assert.notEqual(answer.status, 201);
        assert.match(message(answer), /spec\.tiemout/);
      });

      it('keeps a status with conditions apart from the spec', async () => {
        const manifest = example(kind, 'with-status');
        const path = pathOf(kind, 'with-status');
        assert.equal((await plane.client.apply(path, manifest)).status, 201);
        const status = {
          observedGeneration: 1,
          conditions: [
            {
              type: 'Ready',
              status: 'True',
              reason: 'AllGood',
              message: '',
              lastTransitionTime: '2026-01-01T00:00:00Z',
            },
          ],
          ...Object.fromEntries(kinds[kind].figures.map(figure => [figure, figure === 'url' ? 'http://x' : 3])),
        };
        const { apiVersion, metadata } = manifest;
        const answer = await plane.client.apply(`${path}/status`, { apiVersion, kind, metadata, status });
        assert.equal(answer.status, 200, message(answer));
        assert.deepEqual(answer.body.status, status);
        assert.deepEqual(answer.body.spec, manifest.spec);
      });
    });
  }

  it('scales a Function through its scale subresource, as kubectl scale does', async () => {
    const manifest = example('Function', 'scaled');
    const path = pathOf('Function', 'scaled');
    assert.equal((await plane.client.apply(path, manifest)).status, 201);
    const scale = await plane.client.request(
      'PATCH',
      `${path}/scale`,
      { spec: { replicas: 3 } },
      'application/merge-patch+json',
    );
    assert.equal(scale.status, 200, message(scale));
    assert.equal((await plane.client.request('GET', `${path}/scale`)).body.spec.replicas, 3);
    const { body } = await plane.client.request('GET', path);
    assert.deepEqual(body.spec.scale, { ...manifest.spec.scale, replicas: 3 });
  });

  it('lists all kinds in the category tenfold', async () => {
    const { body: list } = await plane.client.request('GET', `/apis/${GROUP}/${VERSION}`);
    const resources: { kind: string; name: string; categories?: string[] }[] = list.resources;
    const found = resources.filter(({ name }) => !name.includes('/'));
    assert.deepEqual(found.map(({ kind }) => kind).toSorted(), [...kindNames].toSorted());
    for (const { categories } of found) assert.deepEqual(categories, ['tenfold']);
  });

  it('prints the columns that an operator looks for', async () => {
    const path = pathOf('Queue', 'printed');
    const { apiVersion, kind, metadata, spec } = example('Queue', 'printed');
    await plane.client.apply(path, { apiVersion, kind, metadata, spec });
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'InForce',
      message: 'It is.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const healthy = { ...ready, type: 'Healthy', status: 'False', reason: 'KeysParked' };
    const status = { conditions: [ready, healthy], url: 'http://x', lag: 3, parked: 2, dead: 1 };
    await plane.client.apply(`${path}/status`, { apiVersion, kind, metadata, status });
    const { body } = await plane.client.table(path);
    const columns: { name: string; priority: number }[] = body.columnDefinitions;
    const cells: unknown[] = body.rows[0].cells;
    /** As `kubectl get` prints it, or with `--output wide`. */
    const shown = (wide: boolean) =>
      columns.flatMap(({ name, priority }, index) =>
        name !== 'Age' && priority > 0 === wide ? [[name, cells[index]]] : [],
      );
    assert.deepEqual(shown(false), [
      ['Name', 'printed'],
      ['Ready', 'True'],
      ['Healthy', 'False'],
      ['Status', 'InForce'],
      ['Lag', 3],
      ['Parked', 2],
      ['Dead', 1],
    ]);
    assert.deepEqual(shown(true), [
      ['URL', 'http://x'],
      ['Message', 'It is.'],
    ]);
  });
});

// The API server says about the shape of a document what validation on a laptop says.
import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { design } from '../../resources/kinds/design.ts';
import { mutationsOf } from '../../resources/kinds/mutations.ts';
import { verdictOn } from '../../resources/kinds/verdict.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, example, installCrds, type Manifest, message, pathOf } from '../installed-crds.ts';

describe('A real API server agrees with validation', () => {
  let plane: ControlPlane;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startControlPlane();
    await installCrds(plane.client);
  });

  after(async () => {
    await plane?.close();
  });

  for (const document of parseAllDocuments(design)) {
    const manifest: Manifest = document.toJS();
    it(`on ${manifest.kind} ${manifest.metadata.name} of the design`, async () => {
      const answer = await plane.client.apply(pathOf(manifest.kind, manifest.metadata.name), manifest);
      assert.equal(answer.status, 201, message(answer));
      assert.deepEqual(answer.body.spec, manifest.spec);
    });
  }

  for (const kind of kindNames) {
    it(`on ${kind}, whatever is changed in one place`, async () => {
      for (const { change, document } of mutationsOf(example(kind, 'changed'))) {
        const { verdict, reason } = verdictOn(kind, document);
        const answer = await plane.client.apply(pathOf(kind, 'changed'), document, { dryRun: true });
        if (verdict === 'valid')
          assert.equal(answer.status, 201, `${change}: only the server refuses: ${message(answer)}`);
        if (verdict === 'misshapen')
          assert.notEqual(answer.status, 201, `${change}: only validation refuses: ${reason}`);
      }
    });
  }
});

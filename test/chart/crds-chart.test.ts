// The chart that has nothing but the CRDs: they are those of the platform's chart, and
// both go through a registry.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { kindNames } from '../../resources/kinds/kind-names.ts';
import { packageVersion } from '../../server/version.ts';
import { startRegistry } from '../images/registry.ts';
import { ANSWERS, CHART, CRDS_CHART, helm, helmBinary, type Manifest, render, toManifests } from './helm.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the chart of the platform asks for. */
const ANSWERED = Object.entries(ANSWERS).map(([name, value]) => `--set=${name}=${value}`);

describe('the chart of the CRDs', () => {
  const rendered = async (chart: string, ...options: string[]) =>
    toManifests(await helm(['template', 'crds', chart, ...options]));
  const crdsOf = (manifests: readonly Manifest[]) =>
    new Map(
      manifests
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .map(({ metadata, spec }) => [metadata.name, spec]),
    );

  /** What is secret or random in the rest differs each time. */
  const namesOf = (manifests: readonly Manifest[]) => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  it('has those of the platform’s chart, and nothing else', async () => {
    const manifests = await rendered(CRDS_CHART);
    const crds = crdsOf(manifests);
    assert.equal(crds.size, kindNames.length);
    assert.equal(manifests.length, crds.size);
    assert.deepEqual(crds, crdsOf(await render()));
  });

  it('gives them the same labels, so that the same selector finds them', async () => {
    const theirs = (await rendered(CRDS_CHART))[0]?.metadata;
    const ours = (await render()).find(({ kind }) => kind === 'CustomResourceDefinition')?.metadata;
    const named = (labels: Record<string, string> = {}) => [
      Object.keys(labels).sort(),
      labels['app.kubernetes.io/name'],
      labels['app.kubernetes.io/component'],
    ];
    assert.deepEqual(named(theirs?.labels), named(ours?.labels));
  });

  it('leaves them in the cluster unless it is told otherwise', async () => {
    const policies = async (...options: string[]) =>
      new Set(
        (await rendered(CRDS_CHART, ...options)).map(
          ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
        ),
      );
    assert.deepEqual(await policies(), new Set(['keep']));
    assert.deepEqual(await policies('--set', 'keep=false'), new Set([undefined]));
  });

  it('refuses values that it does not know', async () => {
    await assert.rejects(rendered(CRDS_CHART, '--set', 'crds.keep=false'), /crds/);
  });

  it('has the version of the package, and that of the other chart', () => {
    const [crds, platform] = [CRDS_CHART, CHART].map(chart => parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')));
    assert.equal(crds.appVersion, packageVersion);
    assert.equal(crds.version, platform.version);
    assert.equal(crds.kubeVersion, platform.kubeVersion);
  });

  it('goes to a registry beside the other one, and both are installed from there', async () => {
    const registry = await startRegistry();
    try {
      const repository = `oci://${registry.host}/charts`;
      const words = [`REGISTRY=${repository}`, `HELM=${await helmBinary()}`, 'PUSH_FLAGS=--plain-http'];
      await promisify(execFile)('make', ['--silent', 'push-charts', ...words], { cwd: ROOT });
      for (const chart of [CHART, CRDS_CHART]) {
        const name = `${repository}/${chart.split('/').at(-1)}`;
        const answers = chart === CHART ? ANSWERED : [];
        const [pulled, local] = [await rendered(name, '--plain-http', ...answers), await rendered(chart, ...answers)];
        assert.deepEqual(namesOf(pulled), namesOf(local));
        assert.deepEqual(crdsOf(pulled), crdsOf(local));
      }
    } finally {
      await registry.close();
    }
  });
});

// What kubeconform and kube-score say of the chart: nothing, but what is as it is for a reason.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { render } from '../../chart/helm.ts';
import { distributed, everything } from '../../chart/samples.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, installCrds } from '../installed-crds.ts';
import { installForeignCrds } from './foreign-crds.ts';
import { writeSchemas } from './json-schemas.ts';

const samples = { 'by default': {}, distributed, 'with everything': everything };

/**
 * Findings that are no faults, each by kind, name and check, and why. One that is found no
 * more has to go from here.
 */
const accepted: readonly [finding: RegExp, why: string][] = [
  [/ CPU limit is not set$/, 'a limit throttles a process that has idle CPU beside it; requests share it out'],
  [
    / ImagePullPolicy is not set to Always$/,
    'tags are those of versions and do not move; nodes without a registry must start, too',
  ],
  [
    /^tenfold-\w+\/.* Deployment does not have a host podAntiAffinity set$/,
    'topologySpreadConstraints spread them, over zones as well',
  ],
  [/^tenfold\/.* Deployment few replicas$/, 'one process at a time may have the database open'],
  [
    /^tenfold-operator\/.* Deployment few replicas$/,
    'a second one takes over sooner and does nothing else; pods serve without, and with distributed there are two',
  ],
  [/^tenfold\/.* Deployment update strategy$/, 'for the same reason it is replaced, not rolled'],
  [
    /^tenfold-test\/.* Container is missing a readinessProbe$/,
    'it runs to its end, and nobody sends it requests before it has started',
  ],
];

describe('linters of the chart', function () {
  this.timeout(BUILD_AND_START_MS);
  let plane: ControlPlane;
  let folder: string;
  let schemas: string;

  before(async () => {
    plane = await startControlPlane();
    await installCrds(plane.client);
    await installForeignCrds(plane.client);
    folder = await mkdtemp(join(tmpdir(), 'tenfold-lint-'));
    schemas = await writeSchemas(plane.client, join(folder, 'schemas'));
  });

  after(async () => {
    await plane?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const write = async (manifests: readonly object[]) => {
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, manifests.map(object => stringify(object)).join('---\n'));
    return file;
  };
  const conform = async (manifests: readonly object[]) =>
    lint('kubeconform', [
      '-strict',
      '-summary',
      '-schema-location',
      schemas,
      '-skip',
      'CustomResourceDefinition',
      await write(manifests),
    ]);
  const score = async (manifests: readonly object[]) => {
    const { output } = await lint('kube-score', [
      'score',
      '--kubernetes-version',
      'v1.35',
      '--output-format',
      'ci',
      await write(manifests),
    ]);
    return output.split('\n').flatMap(line => /^\[(?:CRITICAL|WARNING)\] (.*)$/.exec(line)?.[1] ?? []);
  };

  const found = new Set<string>();
  for (const [what, values] of Object.entries(samples)) {
    it(`kubeconform finds nothing: ${what}`, async () => {
      const { code, output } = await conform(await render(values));
      assert.equal(code, 0, output);
      assert.match(output, /Invalid: 0, Errors: 0/);
    });

    it(`kube-score finds nothing: ${what}`, async () => {
      const findings = await score(await render(values));
      for (const finding of findings) found.add(finding);
      const faults = findings.filter(finding => !accepted.some(([pattern]) => pattern.test(finding)));
      assert.deepEqual(faults, []);
    });
  }

  it('leaves nothing accepted that is not found', () => {
    const gone = accepted.filter(([pattern]) => ![...found].some(finding => pattern.test(finding)));
    assert.deepEqual(gone, []);
  });

  it('find what is wrong', async () => {
    const manifests = await render();
    const broken = manifests.map(object =>
      object.kind === 'Service' ? { ...object, spec: { ...object['spec'], sepc: 1, type: 7 } } : object,
    );
    assert.match((await conform(broken)).output, /sepc/);
    const open = manifests.filter(({ kind }) => kind !== 'NetworkPolicy');
    assert.match((await score(open)).join('\n'), /NetworkPolicy/);
  });
});

async function lint(name: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  const install = fileURLToPath(new URL('install-linter', import.meta.url));
  const { code, output } = await run(install, [name]);
  assert.equal(code, 0, output);
  return run(output.trim().split('\n').at(-1) ?? '', args);
}

function run(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise(resolve => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, output: stderr + stdout });
    });
  });
}

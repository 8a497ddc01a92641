// What trivy's check of configurations says of the chart, with the rules that it carries itself:
// nothing. Nightly, for it is large to build.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { render } from './helm.ts';
import { distributed, everything } from './samples.ts';

const run = promisify(execFile);
const INSTALL = fileURLToPath(new URL('../cluster/chart/install-linter', import.meta.url));

interface Accepted {
  readonly rule: string;
  /** Of what it says: which object is meant. */
  readonly says: RegExp;
  readonly because: string;
}

const accepted: readonly Accepted[] = [
  {
    rule: 'KSV-0011',
    says: /^Container '(probe|tenfold)'/,
    because: 'a CPU limit throttles a process that has idle CPU beside it; requests share it out',
  },
  {
    rule: 'KSV-0048',
    says: /^ClusterRole 'tenfold-operator' .*"deployments"/,
    because: 'an operator makes Deployments of Functions; Kubernetes has no right to those of one owner alone',
  },
  {
    rule: 'KSV-0056',
    says: /^ClusterRole 'tenfold-operator' .*"services"/,
    because: 'it makes their Services and NetworkPolicies, too',
  },
  {
    rule: 'KSV-0113',
    says: /^Role 'tenfold-operator-restarts'/,
    because:
      'only in namespaces that ask for it: it watches metadata of Secrets, for which there is no right of its own',
  },
  {
    rule: 'KSV-01010',
    says: /^ConfigMap 'tenfold' /,
    because: 'it looks at names of settings alone; their values are paths of mounted Secrets',
  },
  {
    rule: 'KSV-0125',
    says: /^Container (probe|tenfold) /,
    because: 'its list of registries is fixed and short; where images come from is a value of the chart',
  },
];

describe('trivy', function () {
  this.timeout(30 * 60_000);
  const met = new Set<Accepted>();

  for (const [what, values] of Object.entries({ 'by default': {}, distributed, 'with everything': everything })) {
    it(`finds nothing: ${what}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tenfold-trivy-'));
      try {
        const manifests = await render(values);
        await writeFile(join(folder, 'manifests.yaml'), manifests.map(object => stringify(object)).join('---\n'));
        const trivy = (await run(INSTALL, ['trivy'])).stdout.trim();
        const args = [
          'config',
          '--skip-check-update',
          '--skip-version-check',
          '--format',
          'json',
          '--cache-dir',
          join(folder, 'cache'),
        ];
        const { stdout } = await run(trivy, [...args, folder], { maxBuffer: 64 * 1024 * 1024 });
        const findings: { ID: string; Message: string }[] = JSON.parse(stdout).Results.flatMap(
          ({ Misconfigurations = [] }) => Misconfigurations,
        );
        const faults = findings.filter(({ ID, Message }) => {
          const known = accepted.find(({ rule, says }) => rule === ID && says.test(Message));
          if (known) met.add(known);
          return known === undefined;
        });
        assert.deepEqual(
          faults.map(({ ID, Message }) => `${ID} ${Message}`),
          [],
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  it('is not asked to accept what it does not say', () => {
    assert.deepEqual(
      accepted.filter(each => !met.has(each)).map(({ rule }) => rule),
      [],
    );
  });
});

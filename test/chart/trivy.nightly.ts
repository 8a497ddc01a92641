// What trivy's check of configurations says of the chart, with the rules that it carries itself: nothing. Nightly, for it is large to build.
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
const INSTALL = fileURLToPath(new URL('../cluster/install-linter', import.meta.url));

/** By rule, and why it does not hold here. */
const accepted: Readonly<Record<string, string>> = {
  KSV0011: 'a CPU limit throttles a process that has idle CPU beside it; requests share it out',
};

describe('trivy', function () {
  this.timeout(30 * 60_000);

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
        const faults = findings.filter(({ ID }) => accepted[ID] === undefined);
        assert.deepEqual(
          faults.map(({ ID, Message }) => `${ID} ${Message}`),
          [],
        );
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});

// Helm keeps a release in a Secret, chart and manifests together, and Kubernetes takes no
// Secret of more than 1 MiB.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { ANSWERS, CHART, helm, PLATFORM, RELEASE, withValues } from './helm.ts';
import { everything } from './samples.ts';

const LIMIT = 1024 * 1024;
/** Charts grow, and people bring values of their own. */
const ROOM = 0.5;

describe('what Helm keeps of a release', () => {
  for (const [what, values] of Object.entries({ 'by default': {}, 'with everything': everything })) {
    it(`is at most half of what a Secret takes: ${what}`, async () => {
      const release = await withValues({ ...ANSWERS, ...values }, file =>
        helm([
          'install',
          RELEASE,
          CHART,
          '--namespace',
          PLATFORM,
          '--values',
          file,
          '--dry-run=client',
          '--output=json',
        ]),
      );
      const { chart, manifest } = JSON.parse(release);
      assert.ok(chart.templates.length > 0 && manifest.length > 0);
      // As Helm writes it: https://github.com/helm/helm/blob/main/pkg/storage/driver/util.go
      const bytes = gzipSync(release, { level: 9 }).toString('base64').length;
      assert.ok(bytes <= ROOM * LIMIT, `${bytes} bytes`);
      console.log(`      ${bytes} bytes of ${LIMIT}`);
    });
  }
});

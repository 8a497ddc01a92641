// What the chart says of itself: the version of the package, all ten kinds, the images that it
// runs, examples that are valid.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { API_VERSION, GROUP, kinds } from '../../resources/kinds/index.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';
import { validateDirectory } from '../../resources/validate.ts';
import { packageVersion } from '../../server/version.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { CHART, render } from './helm.ts';

describe('Chart.yaml', () => {
  const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8'));
  const annotation = (name: string) => parse(chart.annotations[`artifacthub.io/${name}`]);

  after(removeTempFolders);

  it('has the version of the package', () => {
    assert.equal(chart.appVersion, packageVersion);
  });

  it('names the images that run by default', async () => {
    const deployments = (await render()).filter(({ kind }) => kind === 'Deployment');
    const images = new Set(deployments.map(({ spec }) => spec.template.spec.containers[0].image));
    assert.deepEqual(
      annotation('images').map((each: { image: string }) => each.image),
      [...images, `tenfold/function:${packageVersion}`],
    );
  });

  it('names all ten kinds', () => {
    const named = annotation('crds').map(({ kind, name, version }: Record<string, string>) => [kind, name, version]);
    const [, version] = API_VERSION.split('/');
    assert.deepEqual(named.sort(), kindNames.map(kind => [kind, `${kinds[kind].plural}.${GROUP}`, version]).sort());
  });

  it('has examples that are valid together', async () => {
    const examples: object[] = annotation('crdsExamples');
    const folder = tempFolder({ 'app.yaml': examples.map(each => stringify(each)).join('---\n') });
    const { problems } = await validateDirectory(folder);
    assert.deepEqual(problems, []);
  });
});

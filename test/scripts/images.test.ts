// The two images of this checkout: what starts in them, as whom, with which files, and that they
// are small and the same twice.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { type Image, writeImage } from '../../images/image.ts';
import { buildImage, labelsOf } from '../../scripts/images/build-images.ts';
import { imageCache } from '../../scripts/images/image-cache.ts';
import type { ImageName } from '../../scripts/images/run-configs.ts';

const dockerfile = readFileSync(new URL('../../scripts/images/Dockerfile', import.meta.url), 'utf8');
const MOST: Readonly<Record<ImageName, number>> = { platform: 75e6, function: 55e6 };

for (const name of ['platform', 'function'] as const) {
  describe(`the image of the ${name}`, () => {
    let image: Image;
    let files: readonly ParsedTarEntryWithData[];
    const contentOf = (path: string) =>
      Buffer.from(files.find(({ header }) => header.name === path)?.data ?? []).toString('utf8');

    before(async () => {
      image = (await buildImage(name, '1.2.3', imageCache())).image;
      const layers = await Promise.all(image.layers.map(layer => layer.read()));
      files = (await Promise.all(layers.map(layer => unpackTar(gunzipSync(layer))))).flat();
    });

    it('is as small as it must be', () => {
      const bytes = image.layers.reduce((sum, { size }) => sum + size, 0);
      assert.ok(bytes < MOST[name], `${bytes} bytes`);
    });

    it('is the same when it is built again', async () => {
      const again = (await buildImage(name, '1.2.3', imageCache())).image;
      assert.equal(writeImage(again).manifest.digest, writeImage(image).manifest.digest);
    });

    if (name === 'platform')
      it('has the Console and the documentation, which its admin port serves', () => {
        for (const path of ['dist/console/index.html', 'dist/docs/index.html', 'docs/README.md', 'llms.txt'])
          assert.notEqual(contentOf(`tenfold/${path}`), '', path);
      });

    it('runs as a user by number that owns nothing but its own folders, with no shell and no setuid', () => {
      assert.equal(image.config.User, '65532');
      const owned = files.filter(({ header }) => header.uid !== 0).map(({ header }) => header.name);
      assert.deepEqual(owned, name === 'platform' ? ['home/nonroot/', 'data/'] : ['home/nonroot/']);
      assert.deepEqual(
        files.filter(({ header }) => /(^|\/)(ba|da|a|z)?sh$|busybox/.test(header.name)),
        [],
      );
      assert.deepEqual(
        files.filter(({ header }) => ((header.mode ?? 0) & 0o6000) !== 0),
        [],
      );
    });

    it('has what its entry point names', () => {
      const [node = '', ...rest] = image.config.Entrypoint ?? [];
      const script = rest.at(-1) ?? '';
      assert.ok(contentOf(node.slice(1)).length > 1e6);
      assert.match(contentOf(script.slice(1)), /import/);
    });

    it('is the same by Docker', () => {
      const stage = dockerfile.split(`FROM scratch AS ${name}\n`)[1]?.split('\nFROM')[0] ?? '';
      const of = (word: string) => new RegExp(`^${word} (.*)$`, 'm').exec(stage)?.[1] ?? '';
      const { User, Env, Entrypoint, Cmd, ExposedPorts, StopSignal, WorkingDir } = image.config;
      assert.deepEqual(
        [of('USER'), of('ENV').split(' '), of('EXPOSE').split(' '), of('STOPSIGNAL'), of('WORKDIR')],
        [User, Env, Object.keys(ExposedPorts ?? {}), StopSignal, WorkingDir],
      );
      assert.deepEqual(JSON.parse(of('ENTRYPOINT')), Entrypoint);
      assert.deepEqual(of('CMD') === '' ? undefined : JSON.parse(of('CMD')), Cmd);
    });

    it('says in the same labels what it is and of which commit', () => {
      const stage = dockerfile.split(`FROM scratch AS ${name}\n`)[1]?.split('\nFROM')[0] ?? '';
      const written = /^LABEL (.*)$/m.exec(stage)?.[1] ?? '';
      const labels = [...written.matchAll(/(\S+?)="(.*?)"/g)].map(([, label, value]) => [label, value]);
      assert.deepEqual(Object.fromEntries(labels), labelsOf(name, '$VERSION', '$REVISION'));
      assert.deepEqual(image.config.Labels, labelsOf(name, '1.2.3', undefined));
      assert.equal(image.config.Labels?.['org.opencontainers.image.revision'], undefined);
    });

    it('says which packages are in it, with versions and licences', () => {
      const sbom = JSON.parse(contentOf(`usr/share/sbom/tenfold-${name}.cdx.json`));
      const names: string[] = sbom.components.map((component: { name: string }) => component.name);
      assert.equal(sbom.bomFormat, 'CycloneDX');
      assert.ok(names.includes('node'));
      for (const packageName of ['kafkajs', 'graphql', 'preact', 'minisearch'])
        assert.equal(names.includes(packageName), name === 'platform', packageName);
      assert.ok(sbom.components.every((component: { version?: string }) => component.version));
    });
  });
}

it('the Dockerfile takes the Node.js that this project is tested with', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.match(dockerfile, new RegExp(`^ARG NODE_IMAGE=node:${devDependencies.node}-`, 'm'));
});

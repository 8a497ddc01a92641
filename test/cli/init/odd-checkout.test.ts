// `tenfold init` from a checkout whose folder has a name that JSON and a shell read differently.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeApplication } from '../../../cli/init/write-application.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { repository } from './installed.ts';

describe('init, from a checkout with an odd name', () => {
  afterEach(removeTempFolders);

  for (const name of ['plain', 'two words', 'a "b" c', 'back\\slash', "it's", '$HOME'])
    it(`writes a package.json that names ${name}, and a command that builds there`, async () => {
      const parent = realpathSync(tempFolder({ [`${name}/cli/main.ts`]: '' }));
      const packageFolder = join(parent, name);
      copyFileSync(join(repository, 'package.json'), join(packageFolder, 'package.json'));
      const directory = join(parent, 'app');
      mkdirSync(directory);
      const { next } = await writeApplication({ directory, template: 'function', force: false, packageFolder });
      const { devDependencies } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
      const placeOf = (dependency: string) => resolve(directory, dependency.replace(/^file:/, ''));
      assert.equal(placeOf(devDependencies['@tenfold/cli']), packageFolder);
      assert.equal(placeOf(devDependencies.tenfold), join(packageFolder, 'sdk'));
      const [command = ''] = next;
      const [, folder = ''] = /^npm run build --prefix (.+)$/.exec(command) ?? [];
      const said = execFileSync('bash', ['-c', `printf %s ${folder}`], { encoding: 'utf8' });
      assert.equal(resolve(directory, said), packageFolder);
    });
});

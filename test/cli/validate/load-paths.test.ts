// Where resources belong that do not say so: the namespace that they are applied to, and the
// working folder for those of standard input.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { loadPaths } from '../../../cli/validate/load-paths.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const fn = (name: string, url: string, namespace = '') =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: ${name}${namespace} }\nspec: { url: "${url}" }\n`;

describe('resources that name no namespace', () => {
  after(removeTempFolders);
  const load = async (namespace?: string) => {
    const cwd = tempFolder({
      'app.yaml': [
        fn('near', 'http://fn-menu.shop.svc'),
        fn('far', 'http://fn-menu.elsewhere.svc'),
        fn('said', 'http://fn-menu.shop.svc', ', namespace: shop'),
      ].join('---\n'),
    });
    const { resources, problems } = await loadPaths(['.'], { cwd, stdin: Readable.from([]) }, { namespace });
    const places = resources.all.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
    return { places, problems: problems.map(({ line, message }) => `${line}: ${message.replace(/, which.*/, '')}`) };
  };
  const isOf = (namespace: string) => `This is the address of a Function in the namespace "${namespace}"`;

  it('are in that to which they are applied: addresses in there are theirs to call', async () => {
    assert.deepEqual(await load('shop'), {
      places: ['shop/far', 'shop/near', 'shop/said'],
      problems: [`9: ${isOf('elsewhere')}`],
    });
  });

  it('are in "default" where nothing is applied', async () => {
    assert.deepEqual(await load(), {
      places: ['default/far', 'default/near', 'shop/said'],
      problems: [`4: ${isOf('shop')}`, `9: ${isOf('elsewhere')}`],
    });
  });
});

describe('resources of standard input', () => {
  it('have paths that begin at the working folder', async () => {
    const { resources } = await loadPaths(['-'], { cwd: '/shop', stdin: Readable.from([fn('near', 'http://a.b')]) });
    assert.deepEqual(
      resources.all.map(({ origin }) => dirname(origin.file)),
      ['/shop'],
    );
  });
});

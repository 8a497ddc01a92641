// Bundles that are kept between rounds: made again when a file of theirs changed, and
// never older than the files.
import assert from 'node:assert/strict';
import { createBundleCache } from '../../../cli/dev-cluster/bundle-cache.ts';
import type { Bundled } from '../../../cli/source/bundle-function.ts';
import { toBundle } from '../../../k8s/apply/bundle.ts';
import { functionOf } from '../../k8s/providers/deployment/functions.ts';

const fn = functionOf({ source: './menu.ts' }, 'menu');
const other = functionOf({ source: './orders.ts' }, 'orders');
const bundled = (...files: string[]): Bundled => {
  const bytes = new Uint8Array([1]);
  return { bundle: toBundle(bytes, bytes), problems: [], files };
};

describe('Kept bundles', () => {
  it('are made again only when a file of theirs changed', async () => {
    const made: string[] = [];
    const cache = createBundleCache(async one => {
      made.push(one.metadata.name);
      return bundled(`/${one.metadata.name}.ts`, '/shared.ts');
    });
    const round = async () => {
      made.length = 0;
      await Promise.all([cache.bundle(fn), cache.bundle(other)]);
      return made.join(' ');
    };
    assert.equal(await round(), 'menu orders');
    assert.equal(await round(), '');
    cache.changed('/menu.ts');
    await new Promise(setImmediate);
    assert.equal(await round(), 'menu');
    cache.changed('/shared.ts');
    await new Promise(setImmediate);
    assert.equal(await round(), 'menu orders');
    cache.changed('/elsewhere.ts');
    await new Promise(setImmediate);
    assert.equal(await round(), '');
  });

  it('are not kept when a file changed while they were made, or when they could not be', async () => {
    let count = 0;
    let finish = () => {};
    const cache = createBundleCache(async () => {
      count += 1;
      await new Promise<void>(resolve => {
        finish = resolve;
      });
      return count < 3 ? bundled('/menu.ts') : { ...bundled('/menu.ts'), bundle: undefined };
    });
    for (const change of [true, false, false]) {
      const making = cache.bundle(fn);
      if (change) cache.changed('/menu.ts');
      finish();
      await making;
    }
    assert.equal(count, 2);
    cache.changed('/menu.ts');
    await new Promise(setImmediate);
    for (let round = 0; round < 2; round++) {
      const making = cache.bundle(fn);
      finish();
      await making;
    }
    assert.equal(count, 4);
  });
});

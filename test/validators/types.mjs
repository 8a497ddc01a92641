// Compilers find the types of the packages as they ship, in every way in which they look for
// those of ECMAScript modules. @arethetypeswrong says so, and `make test-types` runs it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

/** CommonJS loads the package by require(esm) of Node.js 24. Node10 knows no `exports`. */
const LEFT_OUT = ['node10', 'node16-cjs'];

const tarballs = globSync(join(import.meta.dirname, '../../dist/packages/*.tgz'));
assert.equal(tarballs.length, 3);
for (const tarball of tarballs) {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  const problems = result.types
    ? result.problems.filter(({ resolutionKind }) => !LEFT_OUT.includes(resolutionKind))
    : [];
  assert.deepEqual(problems, [], tarball);
  // The command line and what creates applications have no entry point with types.
  const found = result.types ? Object.keys(result.entrypoints) : [];
  console.log(`${result.packageName}: ${found.join(' ') || 'no types'}`);
  if (result.packageName === 'tenfold') assert.ok(found.includes('.') && found.includes('./testing'));
}

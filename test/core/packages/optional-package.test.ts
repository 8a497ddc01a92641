// Packages that are installed when they are needed: an error says which, why, and by what command.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TenfoldError } from '../../../core/errors.ts';
import { loadOptional, optionalPackages, whyOther } from '../../../core/packages/optional-package.ts';

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

const failing = (code: string, message: string) => () =>
  Promise.reject(Object.assign(new Error(message), { code }) as Error);

describe('optional packages', () => {
  it('are those of package.json, in the versions that tests run with', () => {
    for (const [name, version] of Object.entries(optionalPackages)) {
      assert.equal(manifest.devDependencies[name], version);
      assert.ok(!(name in manifest.dependencies), name);
    }
    const names = Object.keys(optionalPackages);
    // An application may need another version for itself, and npm would refuse to install both.
    assert.deepEqual(manifest.peerDependencies, Object.fromEntries(names.map(name => [name, '*'])));
    assert.deepEqual(manifest.peerDependenciesMeta, Object.fromEntries(names.map(name => [name, { optional: true }])));
  });

  it('are loaded where they are installed', async () => {
    assert.equal(await loadOptional('avsc', 'A schema in Avro', () => Promise.resolve(17)), 17);
  });

  for (const code of ['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'])
    it(`are asked for with the command that installs them, after ${code}`, async () => {
      const load = failing(code, "Cannot find package 'avsc' imported from here");
      await assert.rejects(loadOptional('avsc', 'A schema in Avro', load), (error: unknown) => {
        assert.ok(error instanceof TenfoldError);
        assert.equal(error.code, 'unsupported');
        assert.match(error.message, /^A schema in Avro needs the package avsc in version 5\.7\.9, which is not/);
        assert.match(error.message, /"npm install --save-dev avsc@5\.7\.9"\.$/);
        return true;
      });
    });

  it('are refused in another version than the tested one, with both versions', () => {
    const versions: readonly (readonly ['pg' | 'esbuild' | '@duckdb/node-api', string, boolean])[] = [
      ['pg', '8.23.1', true],
      ['pg', '8.24.0', true],
      ['pg', '8.23.0', false],
      ['pg', '7.18.2', false],
      ['pg', '9.0.0', false],
      ['esbuild', '0.28.3', true],
      ['esbuild', '0.29.0', false],
      ['esbuild', '0.21.5', false],
      ['esbuild', '1.0.0', false],
      ['@duckdb/node-api', '1.5.6-r.1', true],
      ['@duckdb/node-api', '1.6.0-r.1', true],
      ['@duckdb/node-api', '1.4.9-r.3', false],
    ];
    for (const [name, installed, fits] of versions) {
      const said = whyOther(name, 'This', installed);
      assert.equal(said === undefined, fits, `${name} ${installed}`);
      if (said !== undefined) assert.ok(said.endsWith(`, and version ${installed} is installed here.`), said);
    }
    for (const name of ['pg', 'esbuild', 'avsc'] as const) assert.equal(whyOther(name, 'This'), undefined);
  });

  it('are not blamed for what else fails', async () => {
    for (const load of [
      failing('ERR_MODULE_NOT_FOUND', "Cannot find package 'other'"),
      failing('EACCES', 'avsc cannot be read'),
    ])
      await assert.rejects(loadOptional('avsc', 'A schema in Avro', load), error => !(error instanceof TenfoldError));
  });
});

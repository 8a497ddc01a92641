// The reference page of the configuration is that of its schema, and its example can be used.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { configPage, exampleConfig } from '../../../server/config/reference-page.ts';
import { missingFor } from '../../../server/config/roles.ts';
import { configSchema } from '../../../server/config/schema.ts';
import { configFields, settingsOf } from '../../../server/config/settings.ts';

describe('docs/reference/configuration.md', () => {
  it('is up to date', () => {
    const page = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8');
    assert.equal(page, configPage(), 'run make generate');
  });

  it('has an example that can be used', () => {
    const reader = { secret: () => 'a-secret-that-is-long-enough', file: () => 'PEM' };
    assert.deepEqual(configSchema(reader).safeParse(parse(exampleConfig())).error, undefined);
  });

  it('is what the guide to many processes shows', () => {
    const guide = readFileSync(new URL('../../../docs/guides/many-processes.md', import.meta.url), 'utf8');
    const [, text = ''] = /^```yml\n([\s\S]*?)^```$/m.exec(guide) ?? [];
    const reader = { secret: () => 'a-secret-that-is-long-enough', file: () => 'PEM' };
    assert.deepEqual(configSchema(reader).safeParse(parse(text)).error, undefined);
    assert.deepEqual(missingFor('worker', parse(text)), []);
  });

  it('says of every setting what it means', () => {
    const silent = configFields().filter(({ node }) => node.properties === undefined && !node.description);
    assert.deepEqual(
      silent.map(({ path }) => path).filter(path => !path.endsWith('[]')),
      [],
    );
  });

  it('gives each setting a variable of its own', () => {
    const variables = settingsOf().map(({ variable }) => variable);
    assert.equal(new Set(variables).size, variables.length);
    assert.ok(variables.includes('TENFOLD_PUBLIC_TRUSTED_PROXIES'));
  });
});

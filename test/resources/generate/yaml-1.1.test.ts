// Helm and kubectl read YAML 1.1, in which `on` is true: what they are given is the same for
// them as for us, who read 1.2.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = globSync(
  ['k8s/crds/*.yaml', 'k8s/rbac/*.yaml', 'resources/kinds/examples/*.yaml', 'functions/*/*.yaml'],
  {
    cwd: root,
  },
);

describe('YAML that Helm and kubectl read', () => {
  const read = (file: string, version: '1.1' | '1.2') =>
    parseAllDocuments(readFileSync(root + file, 'utf8'), { version }).map(document => document.toJS());

  it('is looked at', () => assert.ok(files.length > 30, files.join()));

  for (const file of files)
    it(`means the same to them: ${file}`, () => assert.deepEqual(read(file, '1.1'), read(file, '1.2')));
});

// The reference page of the SDK: made of the code as it is, with what users write alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeclarations } from '../../scripts/sdk-reference/declarations.ts';
import { sdkPage } from '../../scripts/sdk-reference/page.ts';
import { root } from '../architecture/source-files.ts';

describe('docs/reference/sdk.md', () => {
  const page = sdkPage();
  const declared = readDeclarations(join(root, 'sdk/index.ts'));

  it('is what `make generate` makes', () =>
    assert.equal(readFileSync(join(root, 'docs/reference/sdk.md'), 'utf8'), page));

  it('has each overload of a function with its docstring, and no implementation', () => {
    const { signatures, docs } = declared.get('http') ?? assert.fail();
    assert.equal(signatures.length, 3);
    assert.match(signatures[1] ?? '', /^function http<const Input extends HttpInput, Result>\(.*;$/s);
    assert.match(docs[1] ?? '', /^`http\(\{ body: Order \}/);
    assert.equal(docs.filter(doc => doc === '').length, 0);
  });

  it('has the public members of a class, without their code', () => {
    const { signatures } = declared.get('InvokeError') ?? assert.fail();
    assert.match(signatures[0] ?? '', /\/\*\* The called target.*\*\/\n {2}readonly target: string;/);
    assert.match(signatures[0] ?? '', /constructor\(target: string, .*\);\n}$/s);
    assert.doesNotMatch(page, /\[TAG\]|super\(/);
  });

  it('is told what to do where an export is in no section', () => {
    assert.equal(declared.has('nothing'), false);
    for (const name of declared.keys()) assert.ok(page.includes(`#### \`${name}\``), name);
  });
});

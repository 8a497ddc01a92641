// The issue forms are as GitHub takes them, and name kinds, commands and pages that there are.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { commands } from '../../cli/commands.ts';
import { kindNames } from '../../resources/kinds/kind-names.ts';

const root = new URL('../../', import.meta.url);
const files = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: root.pathname }).toSorted();
const textOf = (file: string) => readFileSync(new URL(file, root), 'utf8');

interface Part {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: readonly string[] };
}

describe('issue forms', () => {
  const forms = files.filter(file => !file.endsWith('/config.yml'));

  it('are all that there are', () => {
    assert.ok(forms.length >= 3);
    assert.equal(parse(textOf('.github/ISSUE_TEMPLATE/config.yml')).blank_issues_enabled, false);
  });

  for (const file of forms) {
    it(`${file} has what a form needs`, () => {
      const form: { name: string; description: string; body: readonly Part[] } = parse(textOf(file));
      assert.ok(form.name.length > 0 && form.description.length > 0);
      const asked = form.body.filter(({ type }) => type !== 'markdown');
      assert.ok(asked.length > 0);
      assert.equal(new Set(asked.map(({ id }) => id)).size, asked.length, 'ids are there once');
      for (const { type, id, attributes } of asked) {
        assert.ok(['input', 'textarea', 'dropdown', 'checkboxes'].includes(type), type);
        assert.match(id ?? '', /^[a-z-]+$/);
        assert.ok(attributes.label, id);
        if (type === 'dropdown') assert.ok((attributes.options ?? []).every(option => typeof option === 'string'));
      }
    });

    it(`${file} names commands and pages that there are`, () => {
      const text = textOf(file);
      for (const [, command] of text.matchAll(/`tenfold ([a-z]+)/g))
        assert.ok(
          commands.some(({ name }) => name === command),
          command,
        );
      for (const [page] of text.matchAll(/(?:docs\/)?[\w/-]+\.md/g)) assert.ok(existsSync(new URL(page, root)), page);
    });
  }

  it('offer each kind', () => {
    const { body }: { body: readonly Part[] } = parse(textOf('.github/ISSUE_TEMPLATE/proposal.yml'));
    const options = body.find(({ id }) => id === 'pattern')?.attributes.options ?? [];
    assert.deepEqual(options.slice(0, -1), kindNames);
  });
});

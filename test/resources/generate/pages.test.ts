// The reference pages list every field of every kind and every error code.
import assert from 'node:assert/strict';
import { answerReasons } from '../../../core/answer-reasons.ts';
import { errorCodes } from '../../../core/errors.ts';
import { errorsPage } from '../../../resources/generate/errors-page.ts';
import { fieldsOf, typeName } from '../../../resources/generate/fields.ts';
import { exampleOf, kindPage } from '../../../resources/generate/kind-page.ts';
import { reasonsPage } from '../../../resources/generate/reasons-page.ts';
import { toNode } from '../../../resources/generate/schema-node.ts';
import { kinds } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';

describe('reference pages', () => {
  for (const kind of kindNames) {
    it(`${kind} has a row with five cells for every field`, () => {
      const rows = kindPage(kind)
        .split('\n')
        .filter(line => line.startsWith('| `spec'));
      const fields = fieldsOf(toNode(kinds[kind].spec), 'spec');
      assert.deepEqual(
        rows.map(line => line.split(/(?<!\\)\|/)[1]?.trim()),
        fields.map(({ path }) => `\`${path}\``),
      );
      for (const line of rows) assert.equal(line.split(/(?<!\\)\|/).length, 7, line);
    });

    it(`${kind} shows its example and its rules`, () => {
      const page = kindPage(kind);
      assert.ok(page.includes(exampleOf(kind).trimEnd()));
      const keys = toNode(kinds[kind].spec).marks?.exactlyOneOf;
      if (keys) assert.match(page, new RegExp(`exactly one of \`${keys.join('`, `')}\``));
    });

    it(`${kind} names the type of every field`, () => {
      for (const { path, node } of fieldsOf(toNode(kinds[kind].spec), 'spec'))
        assert.ok(typeName(node).length > 2, path);
    });
  }

  it('reasons have a row with their level for every one that the gateway can name', () => {
    const rows = reasonsPage()
      .split('\n')
      .filter(line => line.startsWith('| `'));
    assert.deepEqual(
      rows.map(line => line.split(' | ').slice(0, 2)),
      Object.entries(answerReasons).map(([reason, { level }]) => [`| \`${reason}\``, level]),
    );
    for (const row of rows) assert.equal(row.split('|').length, 6, row);
  });

  it('errors have a heading, status and answer to "try again?" for every code', () => {
    const page = errorsPage();
    for (const [code, { status, retryable }] of Object.entries(errorCodes)) {
      const section = page.split('\n## ').find(text => text.startsWith(`${code}\n`));
      assert.ok(section, code);
      assert.match(section, new RegExp(`Status: ${status}\n- Retryable: ${retryable ? 'yes' : 'no'}`));
    }
  });
});

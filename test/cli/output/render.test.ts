// Data for programs: it reads back the same, and nothing in it steers a terminal.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { renderData, renderJson } from '../../../cli/output/render.ts';

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

describe('data for programs', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const steering = fc.constantFrom(
    '\u001b[2J',
    '\u009b2J',
    '\u007f',
    'a\n\u0085b',
    '\u0090q\u009c',
    '- \u009d0;x\u0007',
  );
  const value = fc.dictionary(text, fc.oneof(text, steering, fc.array(fc.oneof(text, steering))), { maxKeys: 5 });

  it('has no control characters as JSON, and reads back the same', () => {
    fc.assert(
      fc.property(value, data => {
        const plain: unknown = JSON.parse(JSON.stringify(data));
        for (const rendered of [renderData(data, 'json'), renderJson(data)]) {
          assert.doesNotMatch(rendered, CONTROL);
          assert.deepEqual(JSON.parse(rendered), plain);
        }
        assert.ok(!renderJson(data).includes('\n'));
      }),
    );
  });

  it('has no control characters as YAML, and reads back the same', () => {
    for (const each of ['\u001b[2J', '\u009b2J', 'x\u007f', 'a\n\u0085b', '\u0090q\u009c', '\u009d0;x\u0007']) {
      const data = { [each]: each, list: [each] };
      const rendered = renderData(data, 'yaml');
      assert.doesNotMatch(rendered, CONTROL);
      assert.deepEqual(parse(rendered), data);
    }
  });
});

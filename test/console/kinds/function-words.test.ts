// What the page of a Function makes of a form, and of the lines that the Function wrote.
import assert from 'node:assert/strict';
import type { FunctionLines } from '../../../admin/asking/ask-view.ts';
import { joinLines, MOST_LINES, shownLine } from '../../../console/pages/kinds/function/line-words.ts';
import { toRequest } from '../../../console/pages/kinds/function/to-request.ts';

describe('the page of a Function', () => {
  const form = { method: 'POST', path: '', headers: '', body: '' };
  const json = ['content-type', 'application/json'];
  for (const [title, more, expected] of [
    ['an empty form', {}, { headers: [] }],
    ['JSON', { body: '{}' }, { headers: [json], body: { text: '{}' } }],
    ['text', { body: 'dear' }, { headers: [['content-type', 'text/plain; charset=utf-8']], body: { text: 'dear' } }],
    [
      'a type of its own',
      { body: '{}', headers: 'Content-Type: application/problem+json\n\n x: a:b ' },
      {
        headers: [
          ['Content-Type', 'application/problem+json'],
          ['x', 'a:b'],
        ],
        body: { text: '{}' },
      },
    ],
  ] as const)
    it(`makes a request of ${title}`, () =>
      assert.deepEqual(toRequest({ ...form, ...more }), { method: 'POST', path: '/', ...expected }));

  it('says which header is none', () => {
    assert.throws(() => toRequest({ ...form, headers: ': x' }), /“: x” is no header/);
  });

  const at = '2026-11-30T08:00:00.000Z';
  for (const [title, text, shown] of [
    [
      'of the context',
      '{"time":"2026-11-30T07:59:59.000Z","level":"error","message":"broken","id":7}',
      { at: '2026-11-30T07:59:59.000Z', tone: 'bad', level: 'error', message: 'broken', fields: { id: 7 } },
    ],
    ['of others', 'plain {', { at, tone: 'quiet', level: 'stdout', message: 'plain {', fields: undefined }],
    ['that is other JSON', '{"a":1}', { at, tone: 'quiet', level: 'stdout', message: '{"a":1}', fields: undefined }],
  ] as const)
    it(`shows a line ${title}`, () => assert.deepEqual(shownLine({ at, stream: 'stdout', text }), shown));

  it('keeps a bounded number of lines, and counts the others', () => {
    const page = (from: number, count: number): FunctionLines => ({
      kept: true,
      items: Array.from({ length: count }, (_, index) => ({ at, stream: 'stdout', text: `${from + index}` })),
      position: `${from + count}`,
      earlier: from === 0 ? 3 : 0,
      isMore: false,
      dropped: 0,
    });
    const { items, earlier, position } = joinLines(page(0, 200), page(200, MOST_LINES));
    assert.deepEqual([items.length, items[0]?.text, earlier], [MOST_LINES, '200', 203]);
    assert.equal(position, `${200 + MOST_LINES}`);
  });
});

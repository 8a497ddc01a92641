// What resources/load/code-frame.ts promises.
import assert from 'node:assert/strict';
import { formatProblem } from '../../../resources/load/code-frame.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';

const problem: ResourceProblem = {
  severity: 'error',
  file: 'app.yaml',
  line: 2,
  column: 7,
  path: 'kind',
  message: 'There is no kind "Topik". Did you mean "Topic"?',
  expected: 'one of Topic, Queue',
  suggestion: 'Topic',
};

describe('the text of a problem', () => {
  it('shows place, message and three lines with a mark', () => {
    assert.equal(
      formatProblem(problem, 'apiVersion: x\nkind: Topik\nspec: {}\nmore: 1\n'),
      [
        'app.yaml:2:7 error: There is no kind "Topik". Did you mean "Topic"?',
        '  at kind',
        '  expected: one of Topic, Queue',
        '  1 | apiVersion: x',
        '> 2 | kind: Topik',
        '    |       ^',
        '  3 | spec: {}',
      ].join('\n'),
    );
  });

  it('does without a frame when the text is not known or too short', () => {
    const head =
      'app.yaml:2:7 error: There is no kind "Topik". Did you mean "Topic"?\n  at kind\n  expected: one of Topic, Queue';
    assert.equal(formatProblem(problem, undefined), head);
    assert.equal(formatProblem(problem, 'one line'), head);
  });

  it('cuts long lines around the mark', () => {
    const lines = formatProblem({ ...problem, line: 1, column: 901 }, `${'a'.repeat(900)}B${'c'.repeat(900)}`).split(
      '\n',
    );
    const [source = '', mark = ''] = lines.slice(-2);
    assert.ok(source.length < 140);
    assert.equal(source[mark.indexOf('^')], 'B');
  });

  it('keeps the mark in its column after tabs', () => {
    const [source = '', mark = ''] = formatProblem({ ...problem, line: 1, column: 3 }, '\t\tX')
      .split('\n')
      .slice(-2);
    assert.equal(source[mark.indexOf('^')], 'X');
  });

  it('leaves colours to whoever prints', () => {
    const tag = (name: string) => (text: string) => `<${name}>${text}</${name}>`;
    const style = { error: tag('e'), warning: tag('w'), place: tag('p'), faint: tag('f') };
    const [first] = formatProblem({ ...problem, severity: 'warning' }, undefined, style).split('\n');
    assert.equal(first, '<p>app.yaml:2:7</p> <w>warning</w>: There is no kind "Topik". Did you mean "Topic"?');
  });
});

// How plainly the project is written: the share of long sentences, and of those
// that open without a subject.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  commentSentences,
  docSentences,
  isLong,
  lacksSubject,
  messageSentences,
  type Sentence,
  type TextFile,
} from './prose.ts';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

const toTextFile = (file: string): TextFile => ({ file, text: readFileSync(join(root, file), 'utf8') });

const PAGES = ['*.md', 'docs/**/*.md', 'charts/**/*.md', 'functions/*/*.md', 'images/**/*.md'];
const NOT_WRITTEN_BY_HAND = ['CHANGELOG.md', 'docs/reference/**', '**/node_modules/**'];

/** Most of a hundred sentences that may be so. */
interface Bar {
  readonly long: number;
  readonly withoutSubject: number;
}

function assertPlain(sentences: readonly Sentence[], { long, withoutSubject }: Bar): void {
  assert.ok(sentences.length > 1000, 'there is text to be measured');
  assertShare(sentences, isLong, long, 'have over 28 words');
  assertShare(sentences, lacksSubject, withoutSubject, 'open without a subject');
}

function assertShare(
  sentences: readonly Sentence[],
  isWrong: (sentence: Sentence) => boolean,
  bar: number,
  what: string,
): void {
  const wrong = sentences.filter(isWrong);
  const share = (100 * wrong.length) / sentences.length;
  const shown = wrong.slice(0, 40).map(({ file, text }) => `${file}: ${text}`);
  assert.ok(share <= bar, `${share.toFixed(2)}% ${what}, and ${bar}% may:\n${shown.join('\n')}`);
}

describe('plain English', () => {
  const source = [...SHIPPED_FOLDERS, 'functions', 'scripts'].flatMap(sourceFiles).map(toTextFile);

  it('is what docs are written in', () => {
    const pages = globSync(PAGES, { cwd: root, exclude: NOT_WRITTEN_BY_HAND });
    assertPlain(docSentences(pages.map(toTextFile)), { long: 4, withoutSubject: 0.3 });
  });

  it('is what comments are written in', () => {
    assertPlain(commentSentences(source), { long: 3, withoutSubject: 0.3 });
  });

  it('is what messages are written in', () => {
    assertPlain(messageSentences(source), { long: 0.5, withoutSubject: 0.2 });
  });
});

describe('the measure of plain English', () => {
  const long = `This sentence ${'goes on '.repeat(14)}to its end.`;
  const measured = (sentences: readonly Sentence[]) => sentences.map(each => [isLong(each), lacksSubject(each)]);

  it('finds long sentences and openings without a subject in each kind of text', () => {
    const text = `What is away is told once. ${long}\nThe platform reports it.`;
    const expected = [
      [false, true],
      [true, false],
      [false, false],
    ];
    assert.deepEqual(measured(docSentences([{ file: 'a.md', text }])), expected);
    const comment = text.replaceAll(/^/gm, '// ');
    assert.deepEqual(measured(commentSentences([{ file: 'a.ts', text: `${comment}\n` }])), expected);
    const message = `throw new Error('${text.replace('\n', ' ')}');`;
    assert.deepEqual(measured(messageSentences([{ file: 'a.ts', text: message }])), expected);
  });

  it('leaves questions, labels, code and tables out', () => {
    const text =
      'What does a View keep?\n\nWhat is it\n\n```sh\nWhat is away is told once\n```\n| What is away is told | once |\n';
    assert.deepEqual(docSentences([{ file: 'a.md', text }]).filter(lacksSubject), []);
  });
});

// ARCHITECTURE.md is a map that can be read at once, and whatever it names is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const MAX_LINES = 200;
const MAX_NAMES = 7;
const DIAGRAMS = 5;
const QUESTIONS = 30;

/**
 * Names of the boxes of a flowchart: what is left of a line without arrows, their labels
 * and the texts in the boxes.
 */
function namesOf(diagram: string): Set<string> {
  const bare = diagram
    .replace(/^flowchart .*$/m, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/--\s[^-]*\s-->/g, '-->');
  return new Set(bare.split(/-->|\s+/).filter(name => name !== ''));
}

describe('ARCHITECTURE.md', () => {
  const page = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8');
  const prose = page.replace(/^```[\s\S]*?^```$/gm, '');
  const diagrams = [...page.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

  it(`has fewer than ${MAX_LINES} lines`, () => {
    assert.ok(page.split('\n').length <= MAX_LINES);
  });

  it(`has ${DIAGRAMS} diagrams of at most ${MAX_NAMES} names`, () => {
    assert.equal(diagrams.length, DIAGRAMS);
    for (const diagram of diagrams) {
      const names = namesOf(diagram);
      assert.ok(names.size > 1 && names.size <= MAX_NAMES, [...names].join(' '));
    }
  });

  it('names files and folders that exist', () => {
    const quoted = [...prose.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path = '']) => path);
    const linked = [...prose.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    const paths = [...quoted, ...linked].filter(path => path !== 'internal/');
    assert.ok(paths.length > QUESTIONS);
    assert.deepEqual(
      paths.filter(path => !existsSync(new URL(path, root))),
      [],
    );
  });

  it(`answers at least ${QUESTIONS} questions, each with a file to open`, () => {
    const rows = prose.split('\n').filter(line => line.startsWith('|'));
    const answers = rows.slice(2);
    assert.ok(answers.length >= QUESTIONS, String(answers.length));
    for (const row of answers) assert.match(row.split('|')[2] ?? '', /`[\w.-]+\/[\w./-]*`/, row);
  });
});

// The index of the documentation leads to each page, and llms.txt to pages that ship.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, root), 'utf8');
const linksOf = (file: string) =>
  [...textOf(file).matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link);

describe('docs/README.md', () => {
  it('has each page once', () => {
    const pages = globSync('docs/**/*.md', { cwd: root.pathname }).map(page => page.replace('docs/', ''));
    assert.ok(pages.length > 50, 'there are pages');
    const links = linksOf('docs/README.md');
    assert.deepEqual(
      pages.filter(page => page !== 'README.md' && !links.includes(page)),
      [],
      'pages that are missing',
    );
    assert.deepEqual(
      links.filter((link, at) => !link.startsWith('../') && links.indexOf(link) !== at && link !== 'glossary.md'),
      [],
      'pages that are there twice',
    );
  });

  it('is named by the README of the project', () => {
    assert.ok(linksOf('README.md').includes('docs/README.md'));
  });
});

describe('llms.txt', () => {
  const { files } = JSON.parse(textOf('package.json')) as { files: string[] };
  const ships = (path: string) => files.some(entry => path === entry || path.startsWith(`${entry}/`));

  it('ships, and leads only to files that ship', () => {
    assert.ok(ships('llms.txt'));
    const links = linksOf('llms.txt');
    assert.ok(links.length > 20, 'there are links');
    assert.deepEqual(
      links.filter(link => !existsSync(new URL(link, root)) || !ships(link)),
      [],
    );
  });

  it('names every kind and the index', () => {
    const kinds = globSync('docs/reference/kinds/*.md', { cwd: root.pathname });
    assert.equal(kinds.length, 10);
    const links = linksOf('llms.txt');
    assert.deepEqual(
      [...kinds, 'docs/README.md'].filter(page => !links.includes(page)),
      [],
    );
  });
});

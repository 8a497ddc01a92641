// Every page names files that exist, and its links lead to a page and a heading that are there.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const ROOMS =
  'admin|bench|charts|cli|core|drivers|functions|gateway|images|k8s|resources|runtime|scripts|sdk|server|test|worker';
/** A path of this tree in backticks: a file with an ending, or a folder with a slash. */
const PATH = new RegExp(`\`((?:${ROOMS})/(?:[\\w./-]*\\w\\.[a-z]+|[\\w./-]*/))\``, 'g');

const pages = [
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'],
  ...readdirSync(new URL('docs', root), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file}`),
];

const proseOf = (url: URL): string => readFileSync(url, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (url: URL): string[] =>
  [...proseOf(url).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

for (const page of pages) {
  describe(page, () => {
    const at = new URL(page, root);
    const prose = proseOf(at);

    it('names files that exist', () => {
      const paths = [...prose.matchAll(PATH)].map(([, path = '']) => path);
      assert.deepEqual(
        paths.filter(path => !existsSync(new URL(path, root))),
        [],
      );
    });

    it('has links that lead somewhere', () => {
      const links = [...prose.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link = '']) => link);
      const wrong = links.filter(link => {
        const [path = '', anchor] = link.split('#');
        const file = path === '' ? at : new URL(path, at);
        if (!existsSync(file)) return true;
        return anchor !== undefined && path.endsWith('.md') && !anchorsOf(file).includes(anchor);
      });
      assert.deepEqual(wrong, []);
    });
  });
}

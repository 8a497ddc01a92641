// What resources/load/older-yaml.ts finds, as it is told of a file.
import assert from 'node:assert/strict';
import { loadText } from '../../../resources/load/load-text.ts';

const HEAD = 'apiVersion: tenfold.dev/v1alpha1\n';

/** `line:column path | message` of each problem. */
function problemsOf(text: string): string[] {
  return loadText('app.yaml', text).problems.map(
    ({ line, column, path, message }) => `${line}:${column} ${path} | ${message}`,
  );
}

describe('text that kubectl and Helm read as true or false', () => {
  const said = (source: string, taken: boolean) =>
    `kubectl and Helm read YAML 1.1, which takes ${source} without quotes for ${taken}. Write "${source}".`;
  const fanOut = (on: string) =>
    `${HEAD}kind: FanOut\nmetadata: { name: f }\nspec:\n  ${on}: { topic: t }\n  split: "\${event.data}"\n  worker: { url: "http://a" }\n`;

  it('is a warning with its place, and the resource is taken as it is', () => {
    const { resources, problems } = loadText('app.yaml', fanOut('on'));
    assert.equal(resources.length, 1);
    assert.deepEqual(problems, [
      { severity: 'warning', file: 'app.yaml', line: 5, column: 3, path: '', message: said('on', true) },
    ]);
  });

  const rows: readonly [name: string, text: string, problems: string[]][] = [
    ['a key in quotes', fanOut('"on"'), []],
    [
      'a value',
      `${HEAD}kind: Topic\nmetadata: { name: t, labels: { a: No } }\nspec: {}\n`,
      [`3:35  | ${said('No', false)}`],
    ],
    [
      'words that only look like it',
      `${HEAD}kind: Topic\nmetadata: { name: t, labels: { a: once, b: oN, c: !!str on } }\nspec: {}\n`,
      [],
    ],
    [
      'a mistake beside it',
      `${HEAD}kind: Topic\nmetadata: { name: t }\nspec: { on: 1 }\n`,
      [`4:9  | ${said('on', true)}`, '4:9 spec.on | There is no field "on" here. Remove it.'],
    ],
    [
      'an object of somebody else',
      `${HEAD}kind: Topic\nmetadata: { name: "t" }\nspec: {}\n---\napiVersion: v1\nkind: ConfigMap\ndata: { on: off }\n`,
      ['6:1  | This document is not a resource of Tenfold and is ignored.'],
    ],
  ];
  for (const [name, text, problems] of rows) {
    it(`is told, or not: ${name}`, () => assert.deepEqual(problemsOf(text), problems));
  }
});

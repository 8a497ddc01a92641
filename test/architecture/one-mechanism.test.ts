// What there is one mechanism for is not written a second time elsewhere.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

interface Mechanism {
  readonly what: string;
  /** Code that does the same by itself. */
  readonly copy: RegExp;
  /** Beginnings of paths that may have it. */
  readonly where: readonly string[];
}

const mechanisms: readonly Mechanism[] = [
  {
    what: 'reads Retry-After (core/retry/retry-after.ts)',
    copy: /(?:Number|parseInt|Date\.parse)\([^;\n]*retry-after/i,
    // It imports nothing of ours.
    where: ['core/retry/', 'sdk/'],
  },
];

const copiesIn = ({ copy }: Mechanism, text: string) => text.split('\n').filter(line => copy.test(line));

describe('one mechanism for one thing', () => {
  for (const mechanism of mechanisms)
    it(mechanism.what, () => {
      const others = SHIPPED_FOLDERS.flatMap(sourceFiles).filter(
        file => !mechanism.where.some(beginning => file.startsWith(beginning)),
      );
      const found = others.flatMap(file =>
        copiesIn(mechanism, readFileSync(join(root, file), 'utf8')).map(line => `${file}: ${line.trim()}`),
      );
      assert.deepEqual(found, []);
    });

  it('finds a second reader of Retry-After', () => {
    const [reader] = mechanisms;
    assert.ok(reader);
    const lines = [
      "const after = Number(response.headers.get('retry-after') ?? Number.NaN);",
      "after = Number(answer.headers['retry-after']) * 1000 || undefined;",
      "const ms = parseRetryAfter(headers['retry-after'], now);",
    ];
    assert.equal(copiesIn(reader, lines.join('\n')).length, 2);
  });
});

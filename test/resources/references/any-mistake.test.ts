// Any resource that is mistaken in some places: all else that is wrong is said, and nothing that
// would not be wrong once they are mended.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { checkReferences } from '../../../resources/references/checks.ts';
import { design } from '../kinds/design.ts';
import { mutationsOf } from '../kinds/mutations.ts';
import { between, load, nothingThere, told } from './between-documents.ts';

describe('any resource that is mistaken in one place', () => {
  const documents = parseAllDocuments(design).map(one => one.toJS());
  const changed = documents.flatMap(document =>
    [...mutationsOf(document)].map(mutation => ({ ...mutation, original: document })),
  );

  it('is told of all that is wrong elsewhere, and of nothing else', () => {
    let drafts = 0;
    const before = new Map(documents.map(document => [document, told(between(document))]));
    for (const { change, original, document } of changed) {
      const loaded = load(document);
      if (loaded.drafts.length === 0) continue;
      drafts++;
      const found = told(checkReferences(loaded.resources, { ...loaded, ...nothingThere }));
      const expected = before.get(original) ?? [];
      // Other parts than before are truly not those that expressions name.
      const renamed = change.startsWith('spec.parts is {');
      const extra = found.filter(one => !expected.includes(one) && !(renamed && one.includes('There is no variable')));
      assert.deepEqual(extra, [], `${document.kind}: ${change}`);
      const references = expected.filter(one => / There is no /.test(one) && !isAbout(one, change));
      const missing = references.filter(one => !found.includes(one));
      assert.deepEqual(missing, [], `${document.kind}: ${change}`);
    }
    assert.ok(drafts > 1000, `only ${drafts} mistakes`);
  });

  it('is no reason to fail when several places are mistaken, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(...documents), fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 5 })),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        picked => {
          const broken = picked.map(([document, places]) =>
            places.reduce<object>((so, [n, value]) => replace(so, n, value), document),
          );
          for (const { path, message } of between(...broken)) {
            assert.match(path, /^spec\b|^metadata\b|^$/);
            assert.match(message, /^\S.*[.?\w]$/s);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/**
 * Whether a finding is about what was changed. In a list from which something was
 * taken the others have moved.
 */
function isAbout(finding: string, change: string): boolean {
  const [, place = '', missing] = /^(\S+) is (missing$)?/.exec(change) ?? [];
  const changed = missing === undefined ? place : place.replace(/\.\d+$/, '');
  const found = (finding.split(' | ', 1)[0] ?? '').replace(/\["?|"?\]/g, '.').replace(/\.+/g, '.');
  return `${found}.`.startsWith(`${changed}.`);
}

/** `document` with another value in one of its places. */
function replace(document: object, n: number, value: unknown): object {
  const copy = structuredClone(document);
  const members = membersOf(copy);
  const [parent, name] = members[n % members.length] ?? [copy, 'spec'];
  Reflect.set(parent, name, value);
  return copy;
}

function membersOf(value: unknown): [parent: object, name: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[value, name], ...membersOf(inner)]);
}

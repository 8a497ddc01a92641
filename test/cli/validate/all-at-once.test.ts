// Applications that are wrong in many places at once: one answer of `tenfold validate` names all
// that each fault alone would have it name.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { withFurther } from '../../../cli/validate/further-problems.ts';
import { loadFiles } from '../../../resources/load/load-directory.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { faults } from './odd/faults.ts';
import { type Json, oddApplications } from './odd/odd-documents.ts';
import { GRAPHQL_SCHEMA, soundResources } from './odd/sound-resources.ts';

const CASES = 30;

describe('validation of an application with many faults', () => {
  const sound: Json[] = parseAllDocuments(soundResources('http://origin')).map(one => one.toJS());
  const alone = new Map(faults.map(fault => [fault, foundIn([fault])]));

  it('finds no error where there is none', () => assert.deepEqual(foundIn([]), []));

  for (const fault of faults) {
    it(`names ${fault.name}`, () => {
      const found = alone.get(fault) ?? [];
      assert.ok(
        found.some(one => one.startsWith(`${fault.at} `)),
        found.join('\n') || 'nothing is named',
      );
    });
  }

  it('has a fault of every kind of resource', () => {
    assert.deepEqual(new Set(faults.map(({ of: [kind] }) => kind)), new Set(sound.map(({ kind }) => kind)));
  });

  it('names at once what it names of each fault alone, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray([...faults], { minLength: 2 }), chosen => expectUnion(chosen)),
      { numRuns: CASES },
    );
  });

  for (const [resource, several] of Map.groupBy(faults, ({ of }) => of.join(' '))) {
    it(`names all faults of the ${resource} at once`, () => expectUnion(several));
  }

  it('names all of all faults', () => expectUnion(faults));

  it('is no reason to fail, whatever is odd', () => {
    fc.assert(
      fc.property(
        oddApplications(sound, () => false),
        fc.subarray([...faults], { maxLength: 3 }),
        ({ odd }, chosen) => {
          const documents = [...broken(chosen).filter(one => !odd.some(other => isSame(one, other))), ...odd];
          const { between: told, all: further } = problemsOf(documents);
          const all = further();
          assert.deepEqual(
            told.filter(one => !all.includes(one)),
            [],
          );
        },
      ),
      { numRuns: CASES },
    );
  });

  function expectUnion(chosen: readonly (typeof faults)[number][]): void {
    const union = new Set(chosen.flatMap(fault => alone.get(fault) ?? []));
    const together = foundIn(chosen);
    const about = chosen.map(({ name }) => name).join('; ');
    assert.deepEqual(
      [...union].filter(one => !together.includes(one)),
      [],
      `not named with ${about}`,
    );
    assert.deepEqual(
      together.filter(one => !union.has(one)),
      [],
      `named with ${about} only`,
    );
  }

  /** `path | message` of each error, with the file that it is in. */
  function foundIn(chosen: readonly (typeof faults)[number][]): string[] {
    return problemsOf(broken(chosen))
      .all()
      .filter(({ severity }) => severity === 'error')
      .map(({ file, path, message }) => `${file.slice(5, -5)} ${path} | ${message}`.replace(/(\.json):\d+/g, '$1'));
  }

  function broken(chosen: readonly (typeof faults)[number][]): Json[] {
    const documents = structuredClone(sound);
    for (const {
      of: [kind, name],
      change,
    } of chosen) {
      const document = documents.find(one => one.kind === kind && one.metadata.name === name);
      assert.ok(document, `${kind} ${name}`);
      change(document.spec);
    }
    return documents;
  }
});

function problemsOf(documents: readonly Json[]) {
  const files = documents.map((document, index) => ({
    file: `/app/${document.kind}-${document.metadata?.name ?? index}.json`,
    text: JSON.stringify(document, undefined, 1),
  }));
  const loaded = loadFiles(files);
  const from = { readText: () => GRAPHQL_SCHEMA, filesBeside: () => ['shop.graphql'] };
  const between = [...loaded.problems, ...checkReferences(loaded.resources, { ...loaded, ...from })];
  return { between, all: () => withFurther({ ...loaded, problems: between }, from) };
}

function isSame(one: Json, other: Json): boolean {
  return one.kind === other.kind && one.metadata?.name === other.metadata?.name;
}

// What the reference pages and the design show must be valid, word by word.
import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { exampleOf } from '../../../resources/generate/kind-page.ts';
import { isKind } from '../../../resources/kinds/index.ts';
import { kindNames } from '../../../resources/kinds/kind-names.ts';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';
import { design } from './design.ts';

describe('examples', () => {
  const sources = [
    ...kindNames.map(kind => ({ title: `the example of ${kind}`, text: exampleOf(kind) })),
    { title: 'the design', text: design },
  ];
  for (const { title, text } of sources) {
    for (const document of parseAllDocuments(text)) {
      const manifest = document.toJS();
      it(`${title} is valid: ${manifest.kind} ${manifest.metadata.name}`, () => {
        assert.ok(isKind(manifest.kind));
        const result = manifestSchema(manifest.kind).safeParse(manifest);
        assert.deepEqual(result.error?.issues ?? [], []);
      });
    }
  }

  it('the design shows every kind', () => {
    const shown = new Set(parseAllDocuments(design).map(document => document.toJS().kind));
    assert.deepEqual([...shown].toSorted(), [...kindNames].toSorted());
  });
});

// Every generated file with its content, by path from the root of the repository.
import { kindNames } from '../kinds/kind-names.ts';
import { crdFile, crdFileName } from './crd.ts';
import { editorSchemaFile } from './editor-schema.ts';
import { errorsPage } from './errors-page.ts';
import { expressionsPage } from './expressions-page.ts';
import { kindFileName, kindPage } from './kind-page.ts';
import { reasonsPage } from './reasons-page.ts';

export function outputs(): ReadonlyMap<string, string> {
  return new Map([
    ['resources/generated/tenfold.schema.json', editorSchemaFile()],
    ...kindNames.map(kind => [`k8s/crds/${crdFileName(kind)}`, crdFile(kind)] as const),
    ...kindNames.map(kind => [`docs/reference/kinds/${kindFileName(kind)}.md`, kindPage(kind)] as const),
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/expressions.md', expressionsPage()],
    ['docs/reference/reasons.md', reasonsPage()],
  ]);
}

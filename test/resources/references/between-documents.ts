// Loads documents, which may have mistakes, and tells what is wrong between them.
import { loadFiles } from '../../../resources/load/load-directory.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';

export const nothingThere = { filesBeside: () => [] };

export function load(...documents: unknown[]) {
  return loadFiles([{ file: 'app.yaml', text: documents.map(one => JSON.stringify(one)).join('\n---\n') }]);
}

export function between(...documents: unknown[]): ResourceProblem[] {
  const loaded = load(...documents);
  return checkReferences(loaded.resources, { ...loaded, ...nothingThere });
}

export const told = (problems: readonly ResourceProblem[]) =>
  problems.map(({ path, message }) => `${path} | ${message}`);

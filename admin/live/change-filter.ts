// Reads which changes a caller wants to follow.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { type ChangeName, type ChangeSubject, changeSubjects, listedSubjects } from './change.ts';

export interface ChangeFilter {
  readonly what: readonly ChangeSubject[];
  readonly kind: Kind | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

/** `text`: subjects with commas between them. Without it all that lists of the API show. */
export function readSubjects(text: string | undefined): readonly ChangeSubject[] {
  if (text === undefined) return listedSubjects;
  return text.split(',').map(word => {
    const found = changeSubjects.find(each => each === word);
    if (found) return found;
    const nearest = suggest(word, changeSubjects);
    const rest = nearest ? `Did you mean "${nearest}"?` : `There are: ${changeSubjects.join(', ')}.`;
    throw new TenfoldError('bad-request', `"what" does not know "${word.slice(0, 40)}". ${rest}`);
  });
}

export function isWanted({ what, kind, namespace, name }: ChangeFilter, change: ChangeName): boolean {
  return (
    what.includes(change.what) &&
    (kind === undefined || change.kind === kind) &&
    (namespace === undefined || change.namespace === namespace) &&
    (name === undefined || change.name === name)
  );
}

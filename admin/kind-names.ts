// Finds a kind by any of its names: `Function`, `functions`, `function`, `fn`, in any case.
import { TenfoldError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';
import { kinds } from '../resources/kinds/index.ts';
import { type Kind, kindNames } from '../resources/kinds/kind-names.ts';

export interface ResolvedKind {
  readonly found?: Kind;
  /** The nearest valid name when nothing was found. */
  readonly suggestion?: string;
}

export function resolveKind(text: string): ResolvedKind {
  const asked = text.toLowerCase();
  const found = kindNames.find(kind => namesOf(kind).includes(asked));
  if (found) return { found };
  const suggestion = suggest(asked.slice(0, 64), kindNames.flatMap(namesOf));
  return suggestion === undefined ? {} : { suggestion };
}

function namesOf(kind: Kind): string[] {
  const { plural, singular, shortNames } = kinds[kind];
  return [plural, singular, ...shortNames];
}

/** The kind of that name, in any of its spellings. Throws `bad-request` for others. */
export function readKind(text: string): Kind {
  const kind = resolveKind(text);
  if (kind.found) return kind.found;
  const rest = kind.suggestion ? ` Did you mean "${kind.suggestion}"?` : '';
  throw new TenfoldError('bad-request', `There is no kind of resource called "${text.slice(0, 40)}".${rest}`);
}

// Reads the query parameters of one endpoint and refuses those it does not know.
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';

/** An empty key is a key: it is that of all events whose key expression gives nothing. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['key']);

/** The values by name; `query` is what Express parsed, so a repeated parameter is an array. */
export function readQuery<const N extends string>(query: unknown, names: readonly N[]): Partial<Record<N, string>> {
  const values: Partial<Record<N, string>> = {};
  for (const [name, value] of Object.entries(query ?? {})) {
    const known = names.find(candidate => candidate === name);
    if (known === undefined) throw unknownParameter(name, names);
    if (typeof value !== 'string' || (value === '' && !MAY_BE_EMPTY.has(name))) {
      throw new TenfoldError('bad-request', `The query parameter "${name}" wants exactly one value.`);
    }
    values[known] = value;
  }
  return values;
}

function unknownParameter(name: string, names: readonly string[]): TenfoldError {
  const nearest = suggest(name, names);
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  const rest = nearest
    ? `Did you mean "${nearest}"?`
    : names.length === 0
      ? 'None is.'
      : `Known are: ${names.join(', ')}.`;
  return new TenfoldError('bad-request', `The query parameter "${shown}" is not known here. ${rest}`);
}

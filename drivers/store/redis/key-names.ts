// Names of keys in Redis. All keys of a scope share its hash tag, so that they are on one node of a
// cluster and one script may use them all.
import { TenfoldError } from '../../../core/errors.ts';

export interface KeyNames {
  /** The beginning of all keys of the scope. */
  base(scope: string): string;
  /**
   * A pattern (as of SCAN) of the catalogs of all scopes that begin with `prefix`,
   * and possibly of other keys.
   */
  catalogs(prefix: string): string;
  /** The scope whose catalog that key is; undefined when it is none. */
  scopeOf(catalog: string): string | undefined;
  /**
   * Which server had the data when; one for the whole server where scripts may
   * look beyond their hash tag.
   */
  epoch(scope: string, clustered: boolean): string;
}

export function createKeyNames(prefix: string): KeyNames {
  if (!/^[A-Za-z0-9._:-]{1,64}$/.test(prefix))
    throw new TenfoldError(
      'invalid-input',
      `'${prefix}' cannot be what keys in Redis begin with: up to 64 of A-Z a-z 0-9 . _ : - are allowed.`,
    );
  const open = `${prefix}:{`;
  const base = (scope: string) => `${open}${encode(scope)}}:`;
  return {
    base,
    catalogs: scope => `${open}${encode(scope).replace(/[\\*?[\]^-]/g, '\\$&')}*}:~`,
    scopeOf(catalog) {
      if (!catalog.startsWith(open) || catalog.indexOf('}') !== catalog.length - 3 || !catalog.endsWith('}:~'))
        return undefined;
      return decode(catalog.slice(open.length, -3));
    },
    epoch: (scope, clustered) => (clustered ? `${base(scope)}epoch` : `${prefix}:epoch`),
  };
}

/** A hash tag ends with the first brace. */
function encode(scope: string): string {
  return scope.replaceAll('%', '%25').replaceAll('}', '%7D');
}

function decode(text: string): string {
  return text.replaceAll('%7D', '}').replaceAll('%25', '%');
}

// Refuses paths in spellings that servers read in two ways, where the Api or Strangler says so.
import { TenfoldError } from '../../core/errors.ts';
import { hasMatrix } from '../../core/paths/path-spelling.ts';
import type { PathOptions } from '../../resources/kinds/routes/path-options.ts';
import type { Step } from '../exchange/step.ts';

/**
 * Without them the segment is empty, which some servers skip. At the end of a
 * path it is a slash there.
 */
const NOTHING_ELSE = /\/(?:;|%3B)[^/]*\//;

export function refuseSpellings({ matrix, escapedSlash }: PathOptions): Step | undefined {
  if (matrix === 'literal' && escapedSlash === 'literal') return undefined;
  return exchange => {
    const { path } = exchange.request.head;
    if (escapedSlash === 'refuse' && path.includes('%2F')) {
      exchange.fail(refused('an escaped slash (%2F), which some servers take for a slash'));
    } else if (matrix !== 'literal' && hasMatrix(path)) {
      if (matrix === 'refuse') exchange.fail(refused('matrix parameters (;), which some servers leave out'));
      else if (NOTHING_ELSE.test(path)) exchange.fail(refused('a segment of nothing but matrix parameters (/;)'));
    }
  };
}

function refused(what: string): TenfoldError {
  return new TenfoldError('bad-request', `The request path is refused: it contains ${what}.`);
}

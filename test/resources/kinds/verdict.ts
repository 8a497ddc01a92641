// What validation says of a document, as far as a schema without code can say the same.
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { manifestSchema } from '../../../resources/kinds/manifest.ts';

/**
 * `valid`: every schema must take it. `misshapen`: a type is wrong, a member missing or unknown, or
 * there is not exactly one of several;
 * every schema must refuse it. `broken rule`: only code can see what is wrong, such as a
 * duration above its bound.
 */
export type Verdict = 'valid' | 'misshapen' | 'broken rule';

export function verdictOn(kind: Kind, document: unknown): { verdict: Verdict; reason: string } {
  const issues = manifestSchema(kind).safeParse(document).error?.issues ?? [];
  const shape = issues.find(issue => issue.code !== 'custom' || issue.params?.['rule'] === 'exactlyOneOf');
  const first = shape ?? issues[0];
  const reason = first === undefined ? '' : `${first.path.join('.')}: ${first.message}`;
  return { verdict: shape ? 'misshapen' : first ? 'broken rule' : 'valid', reason };
}

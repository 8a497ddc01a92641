// The answer of an aggregate made from its parts: compiled once to pieces of JSON text with the
// expressions between them.

import type { Variables } from '../../core/cel/expression.ts';
import { evaluateIfSet } from '../../core/cel/optional.ts';
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { toExactText } from '../../core/units/whole-numbers.ts';

export interface AnswerTemplate {
  readonly references: readonly string[];
  /** Whether it is an object to which a member `name` can be added. */
  takes(name: string): boolean;
  /**
   * The JSON text. `isAbsent`: whether a part has neither an answer nor a stand-in; its values
   * become null.
   */
  render(variables: Variables, isAbsent: (part: string) => boolean): string;
}

type Piece = string | Hole;

interface Hole {
  readonly references: readonly string[];
  evaluate(variables: Variables): unknown;
}

/** Throws `invalid-expression`. */
export function compileAnswer(value: unknown, scope: Scope): AnswerTemplate {
  const pieces = joined([...piecesOf(value, scope)]);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return {
    references: pieces.flatMap(piece => (typeof piece === 'string' ? [] : piece.references)),
    takes: name => isObject && !Object.hasOwn(value, name),
    render(variables, isAbsent) {
      let text = '';
      for (const piece of pieces) text += typeof piece === 'string' ? piece : fill(piece, variables, isAbsent);
      return text;
    },
  };
}

function fill(hole: Hole, variables: Variables, isAbsent: (part: string) => boolean): string {
  try {
    return toExactText(evaluateIfSet(hole, variables)) ?? 'null';
  } catch (error) {
    const excused =
      error instanceof TenfoldError && hole.references.some(reference => isAbsent(reference.split('.', 1).join('')));
    if (excused) return 'null';
    throw error;
  }
}

function* piecesOf(value: unknown, scope: Scope): Generator<Piece> {
  if (typeof value === 'string') {
    const { constant, references, evaluate } = compileTemplate(value, scope);
    yield constant ? toExactText(evaluate({})) : { references, evaluate };
    return;
  }
  if (typeof value !== 'object' || value === null) {
    yield JSON.stringify(value);
    return;
  }
  const isList = Array.isArray(value);
  yield isList ? '[' : '{';
  let first = true;
  for (const [key, member] of Object.entries(value)) {
    if (!first) yield ',';
    first = false;
    if (!isList) yield `${JSON.stringify(key)}:`;
    yield* piecesOf(member, scope);
  }
  yield isList ? ']' : '}';
}

/** Neighbouring texts as one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}

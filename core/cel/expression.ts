// Compiles one CEL expression: parsed, type-checked against a scope,
// bounded, ready to evaluate often.
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { TenfoldError } from '../errors.ts';
import { suggest } from '../suggest.ts';
import { type ExpressionFault, invalidExpression } from './fault.ts';
import { isComprehension, isNode, type Node, nodesIn } from './internal/ast.ts';
import { createBudget } from './internal/budget.ts';
import { evaluationFailed, toFault } from './internal/diagnose.ts';
import { renameReplaced } from './internal/environment.ts';
import { instrument } from './internal/instrument.ts';
import { badItems } from './internal/item-types.ts';
import { badLiteral } from './internal/literals.ts';
import { quoteSource, typeInWords } from './internal/names.ts';
import { referencesOf } from './internal/references.ts';
import { canGive, converter, EXPECTED_IN_WORDS, type Expected } from './internal/results.ts';
import { MAX_LOOP_NESTING, MAX_SOURCE_LENGTH } from './limits.ts';
import type { Scope } from './scope.ts';

export type { Expected } from './internal/results.ts';

/** Values of the scope's variables, as plain JSON. */
export type Variables = Readonly<Record<string, unknown>>;

export interface Expression {
  readonly source: string;
  /** CEL type as far as known before evaluation, e.g. `bool`, `list<string>` or `dyn`. */
  readonly type: string;
  /** Variables and members that are read, e.g. `order.body.customerId`. */
  readonly references: readonly string[];
  /**
   * The value as JSON. Throws `expression-failed`; its message names the
   * expression and never shows data.
   */
  evaluate(variables: Variables): unknown;
}

/** Throws `invalid-expression`; `faultOf` tells where. */
export function compileExpression(source: string, scope: Scope, expected: Expected = 'any'): Expression {
  const shown = quoteSource(source);
  const refuse = (fault: ExpressionFault) => invalidExpression(shown, fault);
  if (source.length > MAX_SOURCE_LENGTH) {
    throw refuse({ offset: 0, length: 1, reason: `It has more than ${MAX_SOURCE_LENGTH} characters. Use a function.` });
  }
  if (source.trim() === '') throw refuse({ offset: 0, length: 1, reason: 'It is empty.' });
  try {
    const checked = prepare(source, scope.checker);
    const fault = faultIn(checked.root, scope);
    if (fault) throw refuse(fault);
    const type = check(checked.parsed);
    const items = badItems(checked.root);
    if (items) throw refuse(faultAt(items));
    if (!canGive(type, expected, scope.types.has(type))) throw refuse(wrongType(source, type, expected));
    const program = prepare(source, scope.runner);
    check(program.parsed);
    const budget = createBudget();
    instrument(program.root, budget);
    const convert = converter(source, expected);
    const readsOf = (node: Node) => referencesOf(node, name => Object.hasOwn(scope.variables, name));
    const references = readsOf(program.root);
    const readsOfFailed = (node: Node | undefined) => {
      const read = node ? readsOf(node) : [];
      return read.length > 0 ? read : references;
    };
    return {
      source,
      type,
      references,
      evaluate(variables) {
        budget.reset();
        let value: unknown;
        try {
          value = program.parsed(variables);
        } catch (error) {
          throw evaluationFailed(source, error, readsOfFailed);
        }
        try {
          return convert(value);
        } catch (error) {
          const isOfData = error instanceof TenfoldError || error instanceof RangeError;
          throw isOfData ? evaluationFailed(source, error, readsOfFailed) : error;
        }
      },
    };
  } catch (error) {
    throw faultOrSame(error, scope, refuse);
  }
}

type Parsed = ReturnType<Environment['parse']>;

function prepare(source: string, environment: Environment): { parsed: Parsed; root: Node } {
  const parsed = environment.parse(source);
  const root: ASTNode | Node = parsed.ast;
  if (!isNode(root)) throw new Error('cel-js changed the shape of its syntax tree');
  renameReplaced(root);
  return { parsed, root };
}

function check(parsed: Parsed): string {
  const result = parsed.check();
  if (result.valid && result.type !== undefined) return result.type;
  throw result.error;
}

function faultAt({ node, reason }: { readonly node: Node; readonly reason: string }): ExpressionFault {
  return { offset: node.start, length: node.end - node.start, reason };
}

/** Checks that cel-js does not make itself. */
function faultIn(root: Node, scope: Scope): ExpressionFault | undefined {
  const literal = badLiteral(root);
  if (literal) return faultAt(literal);
  if (loopNesting(root) > MAX_LOOP_NESTING) {
    return {
      offset: 0,
      length: 1,
      reason: `Loops may be nested ${MAX_LOOP_NESTING} deep. Move the logic into a function.`,
    };
  }
  return openMembers(root, scope);
}

function loopNesting(node: Node): number {
  const written = node.meta.alternate ?? node;
  if (isComprehension(written.args)) {
    return Math.max(loopNesting(written.args.iterable), 1 + loopNesting(written.args.step));
  }
  return Math.max(0, ...nodesIn(written.args).map(loopNesting));
}

/**
 * Members that an object type admits without declaring them, such as the extension attributes of an
 * event, have a type that is known at evaluation only. One that looks like a mistyped attribute is
 * refused; `event["tpye"]` reads it all the same.
 */
function openMembers(node: Node, scope: Scope): ExpressionFault | undefined {
  if (node.meta.macro) return undefined;
  if ((node.op === '.' || node.op === '[]') && Array.isArray(node.args) && isNode(node.args[0])) {
    const [owner, member] = node.args;
    const shape = owner.op === 'id' ? scope.variables[String(owner.args)] : undefined;
    const name = isNode(member) ? member.args : member;
    if (
      typeof shape === 'object' &&
      typeof name === 'string' &&
      !Object.hasOwn(shape.fields, name) &&
      shape.admits?.(name)
    ) {
      const suggestion = node.op === '.' ? suggest(name, Object.keys(shape.fields)) : undefined;
      if (suggestion !== undefined) {
        const reason = `A ${shape.name} has no attribute "${name}". Did you mean "${suggestion}"? (["${name}"] reads an extension attribute.)`;
        return { offset: node.end - name.length, length: name.length, reason, suggestion };
      }
      node.args[0] = untyped(owner, scope);
    }
  }
  for (const child of nodesIn(node.args)) {
    const fault = openMembers(child, scope);
    if (fault) return fault;
  }
  return undefined;
}

function untyped(owner: Node, scope: Scope): Node {
  return prepare(`dyn(${String(owner.args)})`, scope.checker).root;
}

function wrongType(source: string, type: string, expected: Expected): ExpressionFault {
  const offset = source.length - source.trimStart().length;
  const hint = type.startsWith('optional') ? ' Add .orValue(…).' : '';
  return {
    offset,
    length: source.trim().length,
    reason: `It gives ${typeInWords(type)}, but ${EXPECTED_IN_WORDS[expected]} is needed.${hint}`,
    expected: EXPECTED_IN_WORDS[expected],
  };
}

function faultOrSame(error: unknown, scope: Scope, refuse: (fault: ExpressionFault) => Error): unknown {
  if (error instanceof Error && (error.name === 'ParseError' || error.name === 'TypeError') && 'range' in error) {
    return refuse(toFault(error, scope));
  }
  return error;
}

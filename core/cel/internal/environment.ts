// The language that expressions are written in: CEL with its optional syntax, RE2 for `matches`,
// functions of our own, and arithmetic that mixes ints and JSON numbers.
import { Environment } from '@marcbachmann/cel-js';
import { compilePattern } from '../../patterns.ts';
import { MAX_EXPRESSION_DEPTH, MAX_NODES } from '../limits.ts';
import { callOf, type Node, walk } from './ast.ts';
import { parseCelDuration } from './durations.ts';
import { exactMixed, mayLoseDigits } from './exact-arithmetic.ts';
import { registerFunctions } from './register.ts';

/**
 * Built-ins that run a backtracking pattern over data. They cannot be overridden, so calls to them
 * are renamed to functions of ours before the type check. The names cannot be written in an
 * expression: identifiers are ASCII.
 */
export const MATCHES = 'matchesˑre2';
const DURATION = 'durationˑlinear';
/** Functions that are called instead of those of the library, by the name that is written. */
const replacements: Record<string, string> = { matches: MATCHES, duration: DURATION };

/** A fresh environment without variables; `clone()` it, it takes a while to make. */
export function createBaseEnvironment(): Environment {
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_EXPRESSION_DEPTH, maxListElements: 200, maxMapEntries: 200 },
  });
  const text = { name: 'text', type: 'string' };
  const pattern = { name: 'pattern', type: 'string' };
  // instrument.ts answers these calls with a pattern compiled once; this is the plain
  // way, for the type checker.
  const matches = { name: MATCHES, returnType: 'bool', async: false, handler: matchesUncached };
  environment.registerFunction({ ...matches, receiverType: 'string', params: [pattern] });
  environment.registerFunction({ ...matches, params: [text, pattern] });
  environment.registerFunction({
    name: DURATION,
    returnType: 'google.protobuf.Duration',
    params: [text],
    handler: parseCelDuration,
    async: false,
  });
  Object.assign(replacements, registerFunctions(environment));
  registerMixedArithmetic(environment);
  return environment;
}

function matchesUncached(text: string, pattern: string): boolean {
  return compilePattern(pattern).test(text);
}

/**
 * JSON knows one kind of number, which arrives as a double: `event.data.total + 1` has to
 * work whatever the total is.
 */
function registerMixedArithmetic(environment: Environment): void {
  const operations: Record<string, (left: number, right: number) => number> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
    '%': (left, right) => left % right,
  };
  for (const [operator, run] of Object.entries(operations)) {
    const mixed = (left: number | bigint, right: number | bigint) => {
      const [a, b] = [Number(left), Number(right)];
      return mayLoseDigits(left, a) || mayLoseDigits(right, b) ? exactMixed(operator, left, right) : run(a, b);
    };
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
  environment.registerOperator('double % double: double', (left: number, right: number) => left % right);
}

/** Points calls of replaced built-ins to ours; positions stay as they are. */
export function renameReplaced(root: Node): void {
  walk(root, node => {
    const call = callOf(node);
    const replacement = call && Object.hasOwn(replacements, call.name) ? replacements[call.name] : undefined;
    if (replacement !== undefined && Array.isArray(node.args)) node.args[0] = replacement;
  });
}

/** Gives the written name back to whatever mentions one of ours. */
export function writtenNames(text: string): string {
  let written = text;
  for (const [name, replacement] of Object.entries(replacements)) written = written.replaceAll(replacement, name);
  return written;
}

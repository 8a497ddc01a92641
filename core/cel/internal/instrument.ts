// Puts the budget, and RE2 patterns compiled once, into a type-checked syntax tree.
import { EvaluationError } from '@marcbachmann/cel-js';
import { compilePattern, createPatternCache, type Pattern } from '../../patterns.ts';
import { functionDefinitions } from '../functions/functions.ts';
import { PATTERN_COMPILE_UNITS, REGEX_STEPS_PER_UNIT, ZONE_UNITS } from '../limits.ts';
import { callOf, type Handle, isComprehension, type Node, nodesIn } from './ast.ts';
import { type Budget, sizeOf, spendDeeply } from './budget.ts';
import { MATCHES, writtenNames } from './environment.ts';
import { exactly } from './exact-arithmetic.ts';

/** Types whose values are small, so that working on them costs nothing worth counting. */
const SMALL = new Set(['int', 'uint', 'double', 'bool', 'null', 'type']);
/** Functions whose work grows with everything inside their values. */
const DEEP: ReadonlySet<string> = new Set(functionDefinitions.flatMap(({ isDeep, name }) => (isDeep ? [name] : [])));
/** Patterns kept per call whose pattern is not a literal. */
const PATTERNS_KEPT = 20;

/** Changes the handlers below `root`, macros expanded. Call `badLiteral` before. */
export function instrument(root: Node, budget: Budget): void {
  const node = root.meta.alternate ?? root;
  if (node.handle) node.handle = instrumented(node, exactly(node, node.handle) ?? node.handle, budget);
  for (const child of evaluatedChildren(node)) instrument(child, budget);
}

/**
 * The nodes that run when `node` runs; what `has` and the binder of `bind` name is not evaluated.
 */
function evaluatedChildren(node: Node): Node[] {
  if (!node.meta.macro) return nodesIn(node.args);
  const call = callOf(node);
  if (call?.name === 'has') return [];
  if (call?.name === 'bind') return call.args.slice(1);
  return call ? [...(call.receiver ? [call.receiver] : []), ...call.args] : [];
}

function instrumented(node: Node, inner: Handle, budget: Budget): Handle {
  if (isComprehension(node.args)) return instrumentedLoop(countNodes(node.args.step), inner, budget);
  const call = callOf(node);
  if (call?.name === MATCHES) return instrumentedMatches(node, inner, budget);
  if (call) return instrumentedCall(inner, budget, DEEP.has(call.name) ? spendDeeply : spendFlat, zoneUnits(call));
  if (node.op === '.' || node.op === '[]' || node.op === '.?' || node.op === '[?]') return inner;
  const operands = nodesIn(node.args);
  if (operands.every(isSmall) || (node.op !== '+' && node.op !== 'in' && operands.some(isSmall))) return inner;
  return node.op === '==' || node.op === '!=' || node.op === 'in'
    ? instrumentedComparison(inner, budget)
    : instrumentedOperator(inner, budget);
}

function isSmall(node: Node): boolean {
  return node.op === 'value' || SMALL.has(node.checkedType?.name ?? 'dyn');
}

function countNodes(node: Node): number {
  const written = node.meta.alternate ?? node;
  return evaluatedChildren(written).reduce((sum, child) => sum + countNodes(child), 1);
}

function instrumentedLoop(nodes: number, inner: Handle, budget: Budget): Handle {
  return (items, args, evaluator, context) => {
    const length = Array.isArray(items) ? items.length : Object.keys(Object(items)).length;
    budget.spend(1 + length * nodes);
    return inner(items, args, evaluator, context);
  };
}

function spendFlat(value: unknown, budget: Budget): void {
  budget.spend(sizeOf(value));
}

/** The units of a call that names a time zone. */
function zoneUnits({ name, receiver, args }: NonNullable<ReturnType<typeof callOf>>): number {
  const written = writtenNames(name);
  const isMethod = receiver !== undefined;
  const zoned = functionDefinitions.filter(
    one =>
      one.name === written &&
      (one.receiver !== undefined) === isMethod &&
      one.params.length === args.length &&
      one.params.at(-1)?.[0] === 'zone',
  );
  return ZONE_UNITS * Math.max(0, ...zoned.map(one => one.zoneLookups ?? 1));
}

function instrumentedCall(inner: Handle, budget: Budget, spend: typeof spendFlat, zone: number): Handle {
  return (values, b, c, d) => {
    if (Array.isArray(values)) {
      for (const value of values) spend(value, budget);
      if (zone > 0) budget.spend(zone);
    }
    const result = inner(values, b, c, d);
    budget.spend(sizeOf(result));
    return result;
  };
}

function instrumentedComparison(inner: Handle, budget: Budget): Handle {
  return (left, right, c, d) => {
    if (typeof left === 'object' || typeof right === 'object') spendDeeply(right, budget);
    else budget.spend(sizeOf(left));
    return inner(left, right, c, d);
  };
}

function instrumentedOperator(inner: Handle, budget: Budget): Handle {
  return (left, right, c, d) => {
    budget.spend(sizeOf(left) + sizeOf(right));
    return inner(left, right, c, d);
  };
}

function instrumentedMatches(node: Node, inner: Handle, budget: Budget): Handle {
  const call = callOf(node);
  const last = call?.args.at(-1);
  const literal = last?.op === 'value' && typeof last.args === 'string' ? compilePattern(last.args) : undefined;
  const cached = createPatternCache(PATTERNS_KEPT, () => budget.spend(PATTERN_COMPILE_UNITS));
  return (values, b, c, d) => {
    const [text, source] = Array.isArray(values) ? values : [];
    if (typeof text !== 'string' || typeof source !== 'string') return inner(values, b, c, d);
    const pattern = literal ?? compiledAtRuntime(cached, source);
    budget.spend(1 + Math.ceil((text.length * pattern.size) / REGEX_STEPS_PER_UNIT));
    return pattern.test(text);
  };
}

function compiledAtRuntime(cached: (source: string) => Pattern, source: string): Pattern {
  try {
    return cached(source);
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    throw new EvaluationError({ code: 'invalid_regular_expression', message: 'not a valid regular expression' });
  }
}

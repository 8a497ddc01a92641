// All functions that expressions have beyond those of the library, and those that ours replace.
import { BASE64, byteFunctions } from './bytes.ts';
import { calendarFunctions } from './calendar.ts';
import type { FunctionDefinition } from './definition.ts';
import { listFunctions } from './lists.ts';
import { MATH, numberFunctions } from './numbers.ts';
import { textFunctions } from './texts.ts';
import { timeFunctions } from './times.ts';

/** By the names that CEL and its extensions have for them, as the reference page lists them. */
export const namedFunctions: readonly FunctionDefinition[] = [
  ...listFunctions,
  ...numberFunctions,
  ...textFunctions,
  ...calendarFunctions,
  ...timeFunctions,
  ...byteFunctions,
];

/** The names that stand before the point of functions that belong together. */
const NAMESPACES: ReadonlySet<string | undefined> = new Set([MATH, BASE64]);

/** A function by the name alone: a namespace falls away, any other receiver is its first value. */
function standingAlone(definition: FunctionDefinition): FunctionDefinition[] {
  const { also, receiver, params, run, refuses, returns, says, items, isDeep = false } = definition;
  if (also === undefined || receiver === undefined) return [];
  const common = { ...also, returns, says, isDeep };
  if (!NAMESPACES.has(receiver)) {
    return [
      {
        ...common,
        params: [['value', receiver], ...params],
        run,
        ...(refuses && { refuses }),
        ...(items && { items }),
      },
    ];
  }
  const inNamespace = run as (...values: unknown[]) => unknown;
  return [{ ...common, params, run: (...values: unknown[]) => inNamespace(undefined, ...values) }];
}

export const functionDefinitions: readonly FunctionDefinition[] = [
  ...namedFunctions,
  ...namedFunctions.flatMap(standingAlone),
];

// All functions that expressions have beyond those of the library, and those that ours replace.
import { byteFunctions } from './bytes.ts';
import type { FunctionDefinition } from './definition.ts';
import { listFunctions } from './lists.ts';
import { numberFunctions } from './numbers.ts';
import { textFunctions } from './texts.ts';
import { timeFunctions } from './times.ts';

export const functionDefinitions: readonly FunctionDefinition[] = [
  ...listFunctions,
  ...numberFunctions,
  ...textFunctions,
  ...timeFunctions,
  ...byteFunctions,
];

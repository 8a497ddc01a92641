// Puts our functions into an environment of the library.
import type { Environment } from '@marcbachmann/cel-js';
import { BASE64 } from '../functions/bytes.ts';
import type { FunctionDefinition } from '../functions/definition.ts';
import { functionDefinitions } from '../functions/functions.ts';
import { MATH } from '../functions/numbers.ts';

class MathNamespace {}
class Base64Namespace {}

/** `math.round(…)` needs a constant before its point, which has functions and nothing else. */
const NAMESPACES: Readonly<Record<string, new () => object>> = { [MATH]: MathNamespace, [BASE64]: Base64Namespace };

const namespaceTypes = new Set(Object.values(NAMESPACES).map(one => one.name));

/** Whether the type is that of what stands before the point of such functions. */
export function isNamespace(type: string): boolean {
  return namespaceTypes.has(type);
}

/** Cannot be written in an expression: identifiers are ASCII. */
const OURS = 'ˑours';

/**
 * Registers all functions. Answers with the names of those that replace functions of the library,
 * and what they are registered as.
 */
export function registerFunctions(environment: Environment): Readonly<Record<string, string>> {
  for (const [name, made] of Object.entries(NAMESPACES)) {
    environment.registerType(made.name, made);
    environment.registerConstant(name, made.name, new made());
  }
  const builtIn = new Set(environment.getDefinitions().functions.map(({ signature }) => callPart(signature)));
  const replaced = new Set(
    functionDefinitions.filter(one => builtIn.has(callPart(signatureOf(one)))).map(({ name }) => name),
  );
  for (const definition of functionDefinitions) {
    const { name, params, returns, receiver, run } = definition;
    environment.registerFunction({
      name: replaced.has(name) ? name + OURS : name,
      ...(receiver === undefined ? {} : { receiverType: NAMESPACES[receiver]?.name ?? receiver }),
      params: params.map(([param, type]) => ({ name: param, type })),
      returnType: returns,
      handler: run as (...values: unknown[]) => unknown,
      async: false,
    });
  }
  return Object.fromEntries([...replaced].map(name => [name, name + OURS]));
}

/** As the library writes it: `string.replace(string, string): string`. */
export function signatureOf({ name, receiver, params, returns }: FunctionDefinition): string {
  const owner = receiver === undefined ? '' : `${receiver}.`;
  return `${owner}${name}(${params.map(([, type]) => type).join(', ')}): ${returns}`;
}

const callPart = (signature: string) => signature.slice(0, signature.lastIndexOf('):') + 1);

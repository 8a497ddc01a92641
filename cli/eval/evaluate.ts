// Evaluates an expression as the platform does, and shows its value, or its fault with the place.
import { faultOf } from '../../core/cel/fault.ts';
import { absentReads } from '../../core/cel/optional.ts';
import type { Scope } from '../../core/cel/scope.ts';
import { compileTemplate, type Template, type TemplateOptions } from '../../core/cel/template.ts';
import { TenfoldError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import { formatProblem } from '../../resources/load/code-frame.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderJson } from '../output/render.ts';
import { frameStyle } from '../problems/format-problems.ts';
import type { Terminal } from '../terminal.ts';
import { type Given, type GivenOptions, readGiven } from './given.ts';
import { createInputs } from './inputs.ts';

/** Members that a hint names. */
const MAX_NAMED = 20;

export interface EvaluateOptions extends GivenOptions {
  readonly expression: string;
  readonly expect: NonNullable<TemplateOptions['expected']>;
}

/** Prints the value as JSON. The exit code is that of invalid input where there is no value. */
export async function evaluate(options: EvaluateOptions, terminal: Terminal): Promise<void> {
  const inputs = createInputs(terminal);
  const written = (await inputs.text('EXPRESSION', options.expression)).trim();
  let given: Given | undefined;
  try {
    given = await readGiven(options, inputs);
    const template = compile(written, given.scope, options.expect);
    terminal.print(renderJson(template.evaluate(given.variables), 2));
  } catch (error) {
    if (!(error instanceof TenfoldError) || error.code === 'internal') throw error;
    terminal.say(describe(error, written, given, terminal));
    const next = nextStep(error, given);
    if (next !== undefined) terminal.say(`${terminal.err.cyan('Next:')} ${next}`);
    terminal.exitCode = exitCodes.invalid.code;
  }
}

/** As filters on the command line, an expression may stand alone. */
function isAlone(written: string): boolean {
  return !written.includes('${');
}

function compile(written: string, scope: Scope, expected: EvaluateOptions['expect']): Template {
  return compileTemplate(isAlone(written) ? `\${${written}}` : written, scope, { expected });
}

function describe(error: TenfoldError, written: string, given: Given | undefined, terminal: Terminal): string {
  const fault = faultOf(error);
  if (fault === undefined) return `${terminal.err.red('error:')} ${error.message}`;
  const before = written.slice(0, Math.max(0, fault.offset - (isAlone(written) ? 2 : 0))).split('\n');
  const problem = {
    severity: 'error',
    file: 'expression',
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    path: '',
    message: fault.reason,
    ...(fault.expected === undefined || isEmpty(given) ? {} : { expected: fault.expected }),
  } as const;
  return formatProblem(problem, written, frameStyle(terminal.err));
}

function nextStep(error: TenfoldError, given: Given | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (faultOf(error) !== undefined) {
    return isEmpty(given)
      ? 'give what it reads with --event, --request or --answer; "tenfold eval --help" has examples.'
      : 'docs/reference/expressions.md has all variables and functions.';
  }
  return absentReads(error)
    .map(path => membersBeside(path.split('.'), given.variables))
    .find(text => text !== undefined);
}

function isEmpty(given: Given | undefined): boolean {
  return Object.keys(given?.variables ?? {}).length === 0;
}

/** Names what there is instead of the first step of `path` that is missing. */
function membersBeside(path: readonly string[], variables: Given['variables']): string | undefined {
  let value: unknown = variables;
  for (const [index, step] of path.entries()) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!Object.hasOwn(value, step)) {
      const names = Object.keys(value);
      const meant = suggest(step, names);
      const owner = path.slice(0, index).join('.');
      const rest = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
      const has = names.length === 0 ? 'has no members' : `has ${names.slice(0, MAX_NAMED).join(', ')}${rest}`;
      return `"${owner}" ${has}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`;
    }
    value = Reflect.get(value, step);
  }
  return undefined;
}

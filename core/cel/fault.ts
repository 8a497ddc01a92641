// The fault of an expression and its position in the text, as the errors `invalid-expression` carry
// it.
import { TenfoldError } from '../errors.ts';

export interface ExpressionFault {
  /** The fault without the expression's text, for callers that show it beside the expression. */
  readonly reason: string;
  /** Characters from the beginning of the text that was compiled. */
  readonly offset: number;
  readonly length: number;
  readonly expected?: string;
  readonly suggestion?: string;
}

class InvalidExpression extends TenfoldError {
  readonly fault: ExpressionFault;

  constructor(message: string, fault: ExpressionFault) {
    super('invalid-expression', message, { extensions: { ...fault } });
    this.fault = fault;
  }
}

export function invalidExpression(shown: string, fault: ExpressionFault): TenfoldError {
  return new InvalidExpression(`The expression ${shown} is not valid: ${fault.reason}`, fault);
}

/** The fault behind an error that compiling threw; undefined for any other error. */
export function faultOf(error: unknown): ExpressionFault | undefined {
  return error instanceof InvalidExpression ? error.fault : undefined;
}

/** The same fault when the compiled source begins `by` characters into a larger text. */
export function shiftFault(shown: string, fault: ExpressionFault, by: number): TenfoldError {
  return invalidExpression(shown, { ...fault, offset: fault.offset + by });
}

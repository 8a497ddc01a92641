// Resolves one field within what its query may cost, and within the time of its request.
import type { GraphQLResolveInfo } from 'graphql';
import type { QueryContext } from './resolver.ts';

/**
 * The value of the field, or a promise of it where it has to be asked for or comes in a later turn.
 */
export function resolveWithin(query: QueryContext, info: GraphQLResolveInfo, resolve: () => unknown): unknown {
  const { budget, turns, call } = query;
  const charge = (value: unknown) => {
    budget.charge(value, info);
    return value;
  };
  const run = () => {
    if (budget.refusal) throw budget.refusal;
    call.signal.throwIfAborted();
    const value = resolve();
    // Equal calls are made once: the answer to one may begin thousands of fields at once.
    return value instanceof Promise ? value.then(answer => inTurn(turns, () => charge(answer))) : charge(value);
  };
  return inTurn(turns, run);
}

function inTurn(turns: QueryContext['turns'], run: () => unknown): unknown {
  return turns.isOver ? turns.next().then(run) : run();
}

// Changes to how orders of people for parked events are carried out.
import { ORDERED } from '../scenario/rare-plans.ts';
import { type Mutation, one } from './mutation.ts';

export const orderMutations: readonly Mutation[] = [
  one(
    'abandoned-in-silence',
    'an event that a person gave up has no dead letter',
    'worker/dispatch/commands/command-handler.ts',
    'else if (item) steps.giveUp(item, ending',
    "else if (item && ending === 'abandoned') steps.handled(item);\n      else if (item) steps.giveUp(item, ending",
    ORDERED,
  ),
  one(
    'ordered-while-unconfirmed',
    'an order is carried out while the last record of its event is on its way',
    'worker/dispatch/commands/command-rules.ts',
    "if (facts.item && facts.item.pending > 0) return 'wait';\n  return command.verb",
    'return command.verb',
    ORDERED,
  ),
  one(
    'given-up-while-attempted',
    'an event is given up while it is being attempted',
    'worker/dispatch/commands/command-rules.ts',
    "if (facts.running) return 'flag';\n  if (facts.item &&",
    'if (facts.item &&',
    ORDERED,
  ),
];

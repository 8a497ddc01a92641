// A client with work to divide, whose items are worked in batches.
import { batchCheck } from '../checks/batches.ts';
import { createBatches } from '../model/batches.ts';
import { each, type Use } from './use.ts';

const EVERY_MS = 1200;
const MOST_PARTS = 12;

export function batchesUse(): Use {
  const batches = createBatches();
  return {
    handlers: { batched: batches.batched, 'batch-part': batches.part, 'batch-gather': batches.gather },
    clients: given => [
      each(given, EVERY_MS, async number => {
        const name = `batch ${number}`;
        const parts = Array.from({ length: 1 + (number % MOST_PARTS) }, (_, part) => ({ name, part }));
        await given.sender.post('/batches', { parts }, { 'idempotency-key': `"${name}"` });
        batches.accepted(name, parts.length);
      }),
    ],
    figures: () => `up to ${batches.largest} events in a call`,
    checks: subject => [batchCheck(subject, batches)],
  };
}

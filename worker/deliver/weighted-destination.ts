// Spreads events over several destinations by weight, events of one key always to the same.
import { createHash } from 'node:crypto';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';

export interface WeightedChoice {
  readonly destination: Destination;
  readonly weight: number;
}

export function createWeightedDestination(choices: readonly WeightedChoice[]): Destination {
  const [only, ...others] = choices;
  if (only && others.length === 0) return only.destination;
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const choose = (item: DeliveryItem): number => {
    let point = share(item) * total;
    const chosen = choices.findIndex(({ weight }) => {
      point -= weight;
      return point < 0;
    });
    return chosen === -1 ? choices.findLastIndex(({ weight }) => weight > 0) : chosen;
  };
  return {
    label: choices.map(({ destination }) => destination.label).join(' or '),
    async deliver(items, signal) {
      const outcomes: Outcome[] = new Array(items.length);
      const groups = Map.groupBy(items.keys(), index => choose(items[index] as DeliveryItem));
      await Promise.all(
        [...groups].map(async ([choice, indexes]) => {
          const mine = indexes.map(index => items[index] as DeliveryItem);
          const answers = await choices[choice]?.destination.deliver(mine, signal);
          for (const [at, index] of indexes.entries()) outcomes[index] = answers?.[at] ?? NOTHING_SAID;
        }),
      );
      return outcomes;
    },
  };
}

const NOTHING_SAID: Outcome = { kind: 'failed', retryable: true, error: { message: 'Nothing was said of the event.' } };

/**
 * A number from 0 to 1, always the same for a key; for an event without a key it follows from its
 * place.
 */
function share({ partition, record }: DeliveryItem): number {
  const text = record.key ?? `${partition}/${record.offset}`;
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

// Reads which Subscription, Queue or sync of a Strangler a path or a query names.
import { TenfoldError } from '../../core/errors.ts';
import type { ConsumerName } from '../event-view.ts';

interface Written {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export function toConsumerName({ kind, namespace = 'default', name }: Written): ConsumerName {
  if (kind !== 'Subscription' && kind !== 'Queue' && kind !== 'Strangler') {
    throw new TenfoldError(
      'bad-request',
      `Events are consumed by the kinds Subscription, Queue and Strangler, not by ${(kind ?? 'none').slice(0, 40)}.`,
    );
  }
  if (name === undefined) throw new TenfoldError('bad-request', `It is not said which ${kind}.`);
  return { kind, namespace, name };
}

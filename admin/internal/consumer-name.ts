// Reads which Subscription, Queue, View, sync of a Strangler, … a path or a query names.
import { TenfoldError } from '../../core/errors.ts';
import { type ConsumerName, consumerKinds } from '../event-view.ts';

interface Written {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export function toConsumerName({ kind: text, namespace = 'default', name }: Written): ConsumerName {
  const kind = consumerKinds.find(each => each === text);
  if (kind === undefined) {
    throw new TenfoldError(
      'bad-request',
      `Events are consumed by the kinds ${consumerKinds.join(', ')}, not by ${(text ?? 'none').slice(0, 40)}.`,
    );
  }
  if (name === undefined) throw new TenfoldError('bad-request', `It is not said which ${kind}.`);
  return { kind, namespace, name };
}

// One dead letter: why it was given up, its data and its headers.
import type { DeadLetterDetail } from '../../../admin/commands/dead-letter-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { causeWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import type { NamedConsumer } from '../consumer.ts';

export function LetterDialog(props: {
  readonly consumer: NamedConsumer;
  readonly id: string;
  readonly close: () => void;
}) {
  const { consumer, id, close } = props;
  const params = { ...consumer, id };
  const letter = useLive(`letter ${JSON.stringify(params)}`, signal => ask(endpoints.deadLetter, { params }, signal));
  return (
    <Dialog title="Dead letter" close={close}>
      <View of={letter}>{data => <Letter of={data} namespace={consumer.namespace} />}</View>
    </Dialog>
  );
}

function Letter({ of, namespace }: { readonly of: DeadLetterDetail; readonly namespace: string }) {
  const { eventId, eventType, key, attempts, at, headers, data, event, reason, notShown } = of;
  return (
    <>
      <p class="cause">{causeWords(of)}</p>
      <dl class="facts">
        <dt>Event</dt>
        <dd>
          {eventId === undefined ? (
            'none that can be read'
          ) : (
            <a href={linkTo(['find'], { q: eventId, namespace })}>{eventId}</a>
          )}
        </dd>
        <dt>Type</dt>
        <dd>{eventType ?? '–'}</dd>
        <dt>Key</dt>
        <dd>{key ?? '–'}</dd>
        <dt>Given up</dt>
        <dd>
          <When at={at} />, after {counted(attempts, 'attempt')}: {reason}
        </dd>
        {of.cause?.trace === undefined ? null : (
          <>
            <dt>Trace</dt>
            <dd class="mono">{of.cause.trace}</dd>
          </>
        )}
      </dl>
      <h3>Data</h3>
      {'text' in data ? (
        <JsonTree value={jsonOf(event, data.text)} />
      ) : (
        <p>
          {data.bytes} bytes, {notShown === undefined ? 'which are no text.' : `not shown. ${notShown}`}
        </p>
      )}
      <details>
        <summary>Headers</summary>
        <dl class="facts mono">
          {Object.entries(headers).map(([name, value]) => (
            <div key={name} class="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

function jsonOf(event: unknown, text: string): unknown {
  if (typeof event === 'object' && event !== null && 'data' in event) return event.data;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

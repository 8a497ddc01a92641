// Sends an event again, as it was or with other data. The plan comes first: what goes to whom.
import { useState } from 'preact/hooks';
import type { ResendPlan } from '../../../admin/commands/resend-view.ts';
import type { ConsumerName } from '../../../admin/consumer-name.ts';
import type { TopicEvent } from '../../../admin/topic-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { Act } from '../../parts/act.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { View } from '../../parts/view.tsx';
import { namedWords, numberWords } from '../../parts/words.ts';
import { linkTo, navigate } from '../../shell/router.ts';
import { editable } from './editable.ts';

export interface ResendProps {
  readonly namespace: string;
  readonly topic: string;
  /** `<partition>-<offset>`. */
  readonly place: string;
  /** The consumers of the Topic. */
  readonly readers: readonly ConsumerName[];
  readonly close: () => void;
}

/** The most that the admin API shows of one event. */
const WHOLE = String(1024 * 1024);

export function ResendDialog(props: ResendProps) {
  const { namespace, topic, place, close } = props;
  const params = { namespace, name: topic };
  const query = { from: place, limit: '1', dataBytes: WHOLE };
  const whole = useLive(`event ${namespace}/${topic}/${place}`, signal =>
    ask(endpoints.topicEvents, { params, query }, signal),
  );
  return (
    <Dialog title="Send again" close={close}>
      <View of={whole}>
        {({ items: [event] }) =>
          event === undefined || `${event.partition}-${event.offset}` !== place ? (
            <p role="alert">The Topic has this event no more: retention has deleted it.</p>
          ) : (
            <Form {...props} event={event} />
          )
        }
      </View>
    </Dialog>
  );
}

function Form(props: ResendProps & { readonly event: TopicEvent }) {
  const { namespace, topic, place, readers, close, event } = props;
  const params = { namespace, name: topic, id: place };
  const [{ text: before, why, isJson }] = useState(() => editable(event));
  const [text, setText] = useState(before ?? '');
  const [plan, setPlan] = useState<ResendPlan | undefined>(undefined);
  const [to, setTo] = useState('');
  const only = readers.find(each => namedWords(each) === to);
  const body = {
    ...(before === undefined || text === before ? {} : { edit: { text } }),
    ...(only === undefined ? {} : { consumer: only }),
  };
  const make = async () => {
    if (isJson && 'edit' in body) JSON.parse(text);
    setPlan(await ask(endpoints.planResend, { params, body }));
  };
  const send = async (eventId: string) => {
    const sent = await ask(endpoints.resend, { params, body: { ...body, eventId } });
    close();
    navigate(linkTo(['story', namespace, topic, `${sent.partition}-${sent.offset}`]));
  };
  if (plan !== undefined)
    return (
      <>
        <PlanOf plan={plan} topic={topic} />
        <footer>
          <button type="button" class="button" onClick={() => setPlan(undefined)}>
            Back to the data
          </button>
          <Act
            verb={plan.edited ? 'administer' : 'operate'}
            namespace={namespace}
            look="primary"
            act={() => send(plan.eventId)}
          >
            Send it
          </Act>
        </footer>
      </>
    );
  return (
    <>
      <p class="muted">
        A new event goes to Topic {topic}, behind all others of its key, and says what it repeats. Consumers that you do
        not choose leave it out.
      </p>
      <label class="stack">
        <span>To</span>
        <select value={to} onChange={({ currentTarget }) => setTo(currentTarget.value)}>
          <option value="">Every consumer of the Topic</option>
          {readers.map(each => (
            <option key={namedWords(each)} value={namedWords(each)}>
              {namedWords(each)} alone
            </option>
          ))}
        </select>
      </label>
      {why === undefined ? (
        <label class="stack">
          <span>Data{isJson ? ', as JSON' : ''}</span>
          <textarea
            class="mono"
            rows={12}
            spellcheck={false}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      ) : (
        <p class="banner">{why}</p>
      )}
      <footer>
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <Act verb="operate" namespace={namespace} look="primary" act={make}>
          Show the plan
        </Act>
      </footer>
    </>
  );
}

function PlanOf({ plan, topic }: { readonly plan: ResendPlan; readonly topic: string }) {
  const { repeats, type, key, bytes, contentType, edited, consumers, hidden = 0, others, notes } = plan;
  return (
    <>
      <p class="plan-total">
        <strong>1 new event</strong> of Topic {topic}, {edited ? 'with other data' : 'as it was'}
      </p>
      <dl class="facts">
        <dt>Repeats</dt>
        <dd>{repeats.id}</dd>
        <dt>Type</dt>
        <dd>{type}</dd>
        <dt>Key</dt>
        <dd>{key ?? 'none'}</dd>
        <dt>Data</dt>
        <dd>
          {numberWords(bytes)} bytes{contentType === undefined ? '' : ` of ${contentType}`}
        </dd>
      </dl>
      <h3>{counted(consumers.length + hidden, 'consumer')} would get it</h3>
      <ul class="plan-groups">
        {consumers.map(consumer => (
          <li key={namedWords(consumer)}>{namedWords(consumer)}</li>
        ))}
        {hidden === 0 ? null : <li class="muted">{hidden} in namespaces that you may not view</li>}
      </ul>
      {others === undefined ? null : (
        <p class="muted">It goes to this consumer alone: {counted(others, 'other')} of the Topic will leave it out.</p>
      )}
      {consumers.length === 0 || others !== undefined ? null : (
        <p class="muted">A consumer with a filter may leave it out.</p>
      )}
      {notes.map(note => (
        <p key={note} class="banner banner-warn">
          {note}
        </p>
      ))}
    </>
  );
}

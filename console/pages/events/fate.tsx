// Tells what became of an event at one consumer, and offers the action that helps there.
import { useState } from 'preact/hooks';
import type { OperationAction } from '../../../admin/commands/operation-view.ts';
import type { ConsumerStory, Fate, StoryWindow } from '../../../admin/story-view.ts';
import { counted } from '../../../core/units/counted.ts';
import type { PlanBody } from '../../api/endpoints.ts';
import { Act } from '../../parts/act.tsx';
import { Shape } from '../../parts/badge.tsx';
import type { Tone } from '../../parts/tone.ts';
import { When } from '../../parts/when.tsx';
import { causeWords, namedWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import { partsOf } from '../consumer.ts';
import { actionWords, verbFor } from '../operations/action-words.ts';
import { PlanDialog } from '../operations/plan-dialog.tsx';

const TONES: Readonly<Record<Fate, Tone>> = {
  waiting: 'busy',
  parked: 'warn',
  held: 'bad',
  dead: 'bad',
  filtered: 'quiet',
  done: 'good',
  unknown: 'quiet',
  purged: 'quiet',
  running: 'busy',
};

/** An event behind another of its key is helped by what helps that one. */
function actionsFor({ fate, behind }: ConsumerStory): readonly OperationAction[] {
  if (fate === 'parked' && behind === undefined) return ['retry-now', 'give-up'];
  if (fate === 'held') return ['redrive', 'skip'];
  return fate === 'dead' ? ['redrive'] : [];
}

export function FateItem(props: { readonly story: ConsumerStory; readonly place: string; readonly again: () => void }) {
  const { story, place, again } = props;
  const [body, setBody] = useState<PlanBody | undefined>(undefined);
  const { consumer, fate, because, note, generation, building } = story;
  const cause = causeWords(story);
  const actions = actionsFor(story);
  return (
    <li class="step">
      <Shape tone={TONES[fate]} />
      <div>
        <div class="finding-head">
          <h2>
            <a href={linkTo(['resources', consumer.kind, consumer.namespace, consumer.name])}>{namedWords(consumer)}</a>
          </h2>
          <span class={TONES[fate]}>{fate}</span>
          {generation === undefined ? null : <span class="faint">{building ? 'being built' : 'serving'}</span>}
        </div>
        <Facts story={story} />
        {cause !== '' ? <p class="cause">{cause}</p> : because === undefined ? null : <p>{because}</p>}
        {note === undefined ? null : <p class="muted">{note}</p>}
        {actions.length === 0 ? null : (
          <div class="finding-mend">
            {actions.map((action, index) => (
              <Act
                key={action}
                verb={verbFor(action)}
                namespace={consumer.namespace}
                look={index === 0 ? 'primary' : 'danger'}
                act={() => setBody({ action, ...partsOf(consumer), ids: [place] })}
              >
                {actionWords[action].title}…
              </Act>
            ))}
          </div>
        )}
        {body === undefined ? null : (
          <PlanDialog
            body={body}
            close={() => {
              setBody(undefined);
              again();
            }}
          />
        )}
      </div>
    </li>
  );
}

function Facts({ story }: { readonly story: ConsumerStory }) {
  const {
    attempts,
    since,
    nextAttemptAt,
    reason,
    redriven,
    behind,
    ahead,
    rows,
    moreRows = 0,
    windows,
    moreWindows = 0,
    took,
  } = story;
  const parts = [
    attempts === undefined ? null : counted(attempts, 'attempt'),
    reason === undefined ? null : `given up: ${reason}`,
    since === undefined ? null : (
      <>
        since <When at={since} />
      </>
    ),
    nextAttemptAt === undefined ? null : (
      <>
        next attempt <When at={nextAttemptAt} />
      </>
    ),
    redriven === undefined ? null : `redriven ${redriven} ×`,
    behind === undefined ? null : `behind ${behind} of its key`,
    ahead === undefined ? null : ahead === 0 ? 'it is the next one' : `at most ${counted(ahead, 'event')} before it`,
    rows === undefined ? null : `${counted(rows.length + moreRows, 'row')}: ${namesOf(rows, moreRows)}`,
    took === undefined ? null : took === 'unknown' ? (
      'how long it took is not known: no process remembers it'
    ) : (
      <>
        {`took ${took.ms} ms${took.together === undefined ? '' : ` for ${took.together} events together`}, `}
        {took.attempt === 1 ? '' : `at attempt ${took.attempt}, `}
        from <When at={took.startedAt} />, as {took.host} has measured
      </>
    ),
    windows === undefined || windows.length === 0
      ? null
      : `${counted(windows.length + moreWindows, 'window')}: ${namesOf(windows.map(windowWords), moreWindows)}`,
  ].filter(part => part !== null);
  if (parts.length === 0) return null;
  return (
    <p class="muted">
      {parts.map((part, index) => (
        <span key={`${index}`}>
          {index > 0 ? ' · ' : ''}
          {part}
        </span>
      ))}
    </p>
  );
}

const NAMED = 5;

function namesOf(names: readonly string[], more: number): string {
  const others = Math.max(0, names.length - NAMED) + more;
  const shown = names.slice(0, NAMED).join(', ');
  return others === 0 ? shown : `${shown} and ${counted(others, 'other')}`;
}

function windowWords({ key, start, end, around }: StoryWindow): string {
  const of = key === '' ? '' : ` of ${key}`;
  return around === undefined ? `${start} to ${end}${of}` : `the session around ${around}${of}`;
}

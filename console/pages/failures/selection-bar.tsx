// Offers actions on the chosen events, or on all that match. Each shows its plan first.
import { useState } from 'preact/hooks';
import type { OperationAction } from '../../../admin/commands/operation-view.ts';
import { counted } from '../../../core/units/counted.ts';
import type { PlanBody } from '../../api/endpoints.ts';
import { Act } from '../../parts/act.tsx';
import type { NamedConsumer } from '../consumer.ts';
import { actionWords, isDangerous, verbFor } from '../operations/action-words.ts';
import { PlanDialog } from '../operations/plan-dialog.tsx';
import type { Choice, ListFilter } from './consumer-list.tsx';

export function SelectionBar(props: {
  readonly consumer: NamedConsumer;
  /** The actions are for all that match, unless some are chosen. */
  readonly choice: Choice;
  /** The rows that the page shows. */
  readonly here: readonly { readonly id: string }[];
  readonly filter: ListFilter;
  /** How many match, as far as the page knows. */
  readonly shown: string;
  readonly actions: readonly OperationAction[];
  /** No filter names what is meant, so nothing is done to all that match. */
  readonly mustChoose?: boolean;
}) {
  const { consumer, choice, here, filter, shown, actions, mustChoose = false } = props;
  const { ids } = choice;
  const [body, setBody] = useState<PlanBody | undefined>(undefined);
  const selection = ids.length > 0 ? { ids } : { query: filter };
  const gone = ids.filter(id => here.every(row => row.id !== id)).length;
  const close = () => {
    setBody(undefined);
    choice.clear();
  };
  return (
    <div class="selection">
      {ids.length > 0 ? (
        <>
          <span>
            {counted(ids.length, 'event')} chosen{gone === 0 ? '' : `, ${gone} of them no longer in this list`}
          </span>
          <button type="button" class="button ghost small" onClick={choice.clear}>
            Choose none
          </button>
        </>
      ) : (
        <span class="muted">{mustChoose ? 'Choose the rows that are meant' : `All that match: ${shown}`}</span>
      )}
      <span class="selection-acts">
        {actions.map((action, index) => (
          <Act
            key={action}
            verb={verbFor(action)}
            namespace={consumer.namespace}
            look={index === 0 ? 'primary' : isDangerous(action) ? 'danger' : 'plain'}
            disabled={mustChoose && ids.length === 0}
            act={() => setBody({ action, ...consumer, ...selection })}
          >
            {actionWords[action].title}…
          </Act>
        ))}
      </span>
      {body === undefined ? null : <PlanDialog body={body} close={close} />}
    </div>
  );
}

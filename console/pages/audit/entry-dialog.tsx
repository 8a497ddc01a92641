// One entry of the audit log: what was asked, by whom and from where, and how it ended.
import type { AuditEntry } from '../../../admin/audit-view.ts';
import { Badge } from '../../parts/badge.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { When } from '../../parts/when.tsx';
import { numberWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import { deedWords, outcomeTones, outcomeWords } from './deed-words.ts';

export function EntryDialog({ entry, close }: { readonly entry: AuditEntry; readonly close: () => void }) {
  const { at, by, from, client, action, outcome, asked, ms, namespace } = entry;
  const operation = operationOf(entry);
  return (
    <Dialog title={deedWords(entry)} close={close}>
      <p>
        <Badge tone={outcomeTones[outcome]} word={outcome} /> <span class="muted">{outcomeWords(entry)}</span>
      </p>
      {outcome === 'unknown' ? (
        <p class="muted">It is still under way, or its process ended in the midst of it.</p>
      ) : outcome === 'cut off' ? (
        <p class="muted">The caller left before the answer.</p>
      ) : null}
      <dl class="facts">
        <dt>When</dt>
        <dd>
          <When at={at} />, {at}
          {ms === undefined ? '' : `, took ${numberWords(ms)} ms`}
        </dd>
        <dt>Who</dt>
        <dd>{by}</dd>
        <dt>From</dt>
        <dd>
          {from}
          {client === undefined ? '' : `, which calls itself ${client}`}
        </dd>
        <dt>Call</dt>
        <dd class="mono">{action}</dd>
        {operation === undefined || namespace === undefined ? null : (
          <>
            <dt>Operation</dt>
            <dd>
              <a href={linkTo(['operations', namespace, operation])}>{operation}</a>
            </dd>
          </>
        )}
      </dl>
      <h3>Asked</h3>
      {asked === undefined ? <p class="muted">Nothing besides the call itself.</p> : <JsonTree value={asked} />}
    </Dialog>
  );
}

/** The operation that it planned, changed, or is the end of. */
function operationOf({ operation, action }: AuditEntry): string | undefined {
  return operation ?? /^(?:POST \/api\/operations\/[^/]+\/|operation )([^/:]+)[/:]/.exec(action)?.[1];
}

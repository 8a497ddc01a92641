// The windows of a Pipeline that still count, the first to close first.
import type { OpenWindows, OpenWindowsOfTime } from '../../../../admin/event-view.ts';
import { ask } from '../../../api/ask.ts';
import { endpoints } from '../../../api/endpoints.ts';
import { useLive } from '../../../api/live.ts';
import { type Column, Table } from '../../../parts/table.tsx';
import { View } from '../../../parts/view.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import type { KindPartProps } from '../kind-props.ts';

/** An answer may read many windows: not at each event. */
const EVERY_MS = 15_000;

export function OpenWindowsPart({ namespace, name, manifest }: KindPartProps) {
  const params = { namespace, name };
  const load = (signal: AbortSignal) => ask(endpoints.openWindows, { params }, signal);
  const hasWindows = JSON.stringify(manifest).includes('"window":');
  const windows = useLive(`windows ${namespace}/${name}`, hasWindows ? load : undefined, {
    everyMs: EVERY_MS,
    isUntold: true,
  });
  if (!hasWindows) return null;
  return (
    <section class="section">
      <h2>Open windows</h2>
      <View of={windows}>
        {({ items }) => (
          <>
            {items.map(each => (
              <Windows key={each.table} of={each} namespace={namespace} isOne={items.length === 1} />
            ))}
          </>
        )}
      </View>
    </section>
  );
}

function Windows(props: { readonly of: OpenWindows; readonly namespace: string; readonly isOne: boolean }) {
  const { of, namespace, isOne } = props;
  const { table, isKeyed, watermark, count, isExact, read, open, more = 0 } = of;
  const sql = linkTo(['sql'], { namespace, sql: `select * from ${table}` });
  return (
    <>
      {isOne ? null : <h3 class="mono">{table}</h3>}
      <p class="muted">
        {count === 0 ? 'No window is open. ' : `${isExact ? '' : 'At least '}${numberWords(count)} open. `}
        {watermark === undefined ? (
          'Event time is not known yet.'
        ) : (
          <>
            Event time has come to <When at={watermark} />.
          </>
        )}{' '}
        <a href={sql}>Ask what they have counted</a>
      </p>
      {open.length === 0 ? null : <Table columns={isKeyed ? KEYED : COLUMNS} rows={open} keyOf={keyOf} />}
      {more === 0 ? null : <p class="muted">{numberWords(more)} further spans of time are open.</p>}
      {read === count && isExact ? null : (
        <p class="banner">
          <span>
            This page has read {numberWords(read)} of them, those that begin first. {isExact ? '' : 'At least '}
            {numberWords(count - read)} more are open.
          </span>
        </p>
      )}
    </>
  );
}

function keyOf({ start, end }: OpenWindowsOfTime): string {
  return `${start} ${end}`;
}

const COLUMNS: readonly Column<OpenWindowsOfTime>[] = [
  { title: 'From', look: 'name', cell: ({ start }) => <Time at={start} /> },
  { title: 'To', cell: ({ end }) => <Time at={end} /> },
];
const KEYED: readonly Column<OpenWindowsOfTime>[] = [
  ...COLUMNS,
  { title: 'Keys', look: 'number', cell: ({ count }) => numberWords(count) },
];

function Time({ at }: { readonly at: string }) {
  return (
    <div>
      <span class="mono">{at.replace(/\.000Z$/, 'Z')}</span>
      <div class="faint">
        <When at={at} />
      </div>
    </div>
  );
}

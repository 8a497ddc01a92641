// The parts of one request on one axis of time: when each began, how long it took, what became of
// it, and which made the answer late.
import type { PartReport, RequestReport } from '../../../../gateway/plan/requests-report.ts';
import { Badge } from '../../../parts/badge.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { When } from '../../../parts/when.tsx';
import { msWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import { barOf, inOrder, partOutcome } from './part-words.ts';

interface WaterfallProps {
  readonly of: RequestReport;
  readonly namespace: string;
  /** The Function that makes the answer of the parts, where one does. */
  readonly answeredBy: string | undefined;
}

export function Waterfall({ of, namespace, answeredBy }: WaterfallProps) {
  const { at, trace, tookMs, partsMs, parts } = of;
  const columns: readonly Column<PartReport>[] = [
    ...COLUMNS,
    {
      title: 'Time',
      look: 'wide',
      head: (
        <span class="bar-axis">
          <span>0</span>
          <span>{msWords(tookMs / 2)}</span>
          <span>{msWords(tookMs)}</span>
        </span>
      ),
      cell: part => <Bar of={part} totalMs={tookMs} />,
    },
  ];
  return (
    <>
      <p>
        It came <When at={at} /> and took <strong>{msWords(tookMs)}</strong>. <Ended of={of} />{' '}
        <a href={linkTo(['find'], { q: trace, namespace })}>What it led to</a>
      </p>
      <Table columns={columns} rows={inOrder(parts)} keyOf={({ name }) => name} />
      {answeredBy === undefined ? null : (
        <p class="muted">
          Then function {answeredBy} had {msWords(Math.max(0, tookMs - partsMs))} to make the answer of the parts.
        </p>
      )}
    </>
  );
}

export function Ended({ of: { status, code } }: { readonly of: RequestReport }) {
  if (status === undefined) return <Badge tone="quiet" word="the caller left" />;
  const tone = status < 400 ? 'good' : status < 500 ? 'warn' : 'bad';
  return <Badge tone={tone} word={code === undefined ? `${status}` : `${status} ${code}`} />;
}

const COLUMNS: readonly Column<PartReport>[] = [
  {
    title: 'Part',
    look: 'name',
    cell: ({ name, waitsFor }) => (
      <div>
        <strong>{name}</strong>
        {waitsFor.length === 0 ? null : <div class="faint">after {waitsFor.join(' and ')}</div>}
      </div>
    ),
  },
  {
    title: 'Outcome',
    cell: part => {
      const { tone, word, note } = partOutcome(part);
      return (
        <div>
          <Badge tone={tone} word={word} />
          {note === undefined ? null : <div class="faint">{note}</div>}
        </div>
      );
    },
  },
  { title: 'Began after', look: 'number', cell: ({ beganMs }) => timeWords(beganMs) },
  { title: 'Took', look: 'number', cell: ({ tookMs }) => timeWords(tookMs) },
];

function timeWords(ms: number | undefined) {
  return ms === undefined ? <span class="faint">–</span> : <span class="once">{msWords(ms)}</span>;
}

function Bar({ of, totalMs }: { readonly of: PartReport; readonly totalMs: number }) {
  const { beganMs, tookMs = 0, critical } = of;
  if (beganMs === undefined) return <div class="bar-track" />;
  return (
    <div>
      <div class="bar-track" aria-hidden="true">
        <div
          class={`bar ${partOutcome(of).tone} ${critical ? 'critical' : ''}`}
          style={barOf(beganMs, tookMs, totalMs)}
        />
      </div>
      {critical ? <span class="bar-note">makes the answer late</span> : null}
    </div>
  );
}

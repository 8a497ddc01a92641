// This part shows one feature on its way out of legacy: the split of its traffic, both sides, the
// comparison, and the evidence for the next step.
import type { FeatureReport } from '../../../../gateway/strangler/report.ts';
import { Act } from '../../../parts/act.tsx';
import { Badge } from '../../../parts/badge.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords, spanWords } from '../../../parts/words.ts';
import { navigate, withQuery } from '../../../shell/router.ts';
import { Comparison } from './comparison.tsx';
import { latencyWords, shareWords, standingWords, toneOfPhase } from './feature-words.ts';

export function FeaturePart({ of, namespace }: { readonly of: FeatureReport; readonly namespace: string }) {
  const { name, methods, path, target, phase, next } = of;
  const open = (move: string) => () => navigate(withQuery({ move, feature: name }), 'replace');
  return (
    <section class="section" aria-labelledby={`feature-${name}`}>
      <div class="section-head">
        <h2 id={`feature-${name}`}>
          {name} <Badge tone={toneOfPhase[phase]} word={standingWords(of)} />
        </h2>
        <div class="page-actions">
          {next === undefined ? null : (
            <Act verb="operate" namespace={namespace} look="primary" act={open('promote')}>
              Move on to {standingWords(next)}…
            </Act>
          )}
          {phase === 'legacy' || phase === 'retired' ? null : (
            <Act verb="operate" namespace={namespace} look="danger" act={open('back-out')}>
              Back out…
            </Act>
          )}
        </div>
      </div>
      <p class="muted">
        <span class="mono">
          {methods.length === 0 ? 'any method' : methods.join(', ')} {path}
        </span>
        {', moves to '}
        {target}
      </p>
      <Split of={of} />
      <Evidence of={of} />
      <Comparison of={of} />
      <Moves of={of} />
    </section>
  );
}

function Split({ of }: { readonly of: FeatureReport }) {
  const { name, percent, sides, switched, declared, elapsedMs } = of;
  const each = [
    ['Legacy', 100 - percent, sides.legacy],
    ['New side', percent, sides.new],
  ] as const;
  return (
    <>
      <meter
        class="split"
        min={0}
        max={100}
        value={percent}
        aria-label={`Share of the clients of ${name} at the new side`}
      >
        {percent}%
      </meter>
      <div class="two-sides">
        {each.map(([title, share, side]) => (
          <dl key={title} class="figures" aria-label={title}>
            <Figure title={title} value={`answers ${share}% of the clients`} />
            <Figure title="Requests" value={numberWords(side.requests)} />
            <Figure
              title="Failed"
              value={<span class={side.failed > 0 ? 'bad' : ''}>{shareWords(side.failed, side.requests)}</span>}
            />
            <Figure title="Median · 95% · 99%" value={latencyWords(side)} />
          </dl>
        ))}
      </div>
      <p class="faint">Counted in the gateway that answers, since its last move {spanWords(elapsedMs)} ago.</p>
      {switched === undefined ? null : (
        <p class="banner">
          <span>
            The resource says {standingWords(declared)}. It is at {standingWords(of)} by {switched.by},{' '}
            <When at={switched.at} />: {switched.reason}
          </span>
        </p>
      )}
    </>
  );
}

const VERDICTS = {
  stay: ['quiet', 'stays'],
  advance: ['good', 'may move on'],
  'back-out': ['bad', 'has to go back'],
} as const;

/** The platform decides about the next step by this. */
function Evidence({ of: { promotion, sync } }: { readonly of: FeatureReport }) {
  return (
    <>
      <h3>Evidence for the next step</h3>
      {promotion === undefined ? (
        <p class="muted">
          Its resource leaves promotion to people. With “promote” the platform weighs the figures, and moves by itself.
        </p>
      ) : (
        <>
          <p>
            <Badge tone={VERDICTS[promotion.verdict][0]} word={VERDICTS[promotion.verdict][1]} /> {promotion.because}
          </p>
          <dl class="figures">
            <Figure title="Looks back" value={spanWords(promotion.windowMs)} />
            <Figure title="Failed" value={shareWords(promotion.window.failed, promotion.window.requests)} />
            <Figure title="Differed" value={shareWords(promotion.window.mismatched, promotion.window.compared)} />
            <Figure title="Only noise" value={shareWords(promotion.window.masked, promotion.window.compared)} />
            <Figure title="Noise measured" value={numberWords(promotion.window.measured)} />
            <Figure title="Not compared" value={numberWords(promotion.window.uncompared)} />
            <Figure title="Gateways" value={promotion.gateways} />
          </dl>
        </>
      )}
      {sync === undefined ? null : (
        <dl class="figures">
          <Figure title="Written back by" value={sync.target || 'nobody yet'} />
          <Figure title="Changes legacy lacks" value={sync.lag === undefined ? 'not known' : numberWords(sync.lag)} />
          <Figure title="Oldest" value={sync.ageMs === undefined ? '–' : spanWords(sync.ageMs)} />
          <Figure title="At most" value={spanWords(sync.maxLagMs)} />
          <Figure title="Keys held" value={<span class={sync.heldKeys > 0 ? 'bad' : ''}>{sync.heldKeys}</span>} />
        </dl>
      )}
      {sync?.behind === undefined ? null : <p class="banner banner-warn">{sync.behind}</p>}
    </>
  );
}

const MOVES: readonly Column<FeatureReport['moves'][number]>[] = [
  { title: 'When', look: 'once', cell: ({ at }) => <When at={at} /> },
  { title: 'From', look: 'once', cell: ({ from }) => standingWords(from) },
  { title: 'To', look: 'once', cell: ({ to }) => standingWords(to) },
  { title: 'By', look: 'once', cell: ({ by }) => by },
  { title: 'Why', look: 'wide', cell: ({ reason }) => reason },
];

function Moves({ of: { moves } }: { readonly of: FeatureReport }) {
  if (moves.length === 0) return null;
  return (
    <>
      <h3>Its moves</h3>
      <Table columns={MOVES} rows={moves.toReversed()} keyOf={({ at, to }) => `${at} ${standingWords(to)}`} />
    </>
  );
}

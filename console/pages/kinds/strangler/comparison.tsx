// The comparison of both sides says how many answers differed and where, with examples side by side
// and masked values.

import { counted } from '../../../../core/units/counted.ts';
import type { PlaceReport } from '../../../../gateway/strangler/evidence/place-rates.ts';
import type { Example } from '../../../../gateway/strangler/evidence/tally.ts';
import type { FeatureReport } from '../../../../gateway/strangler/report.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Figure } from '../../../parts/figure.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { When } from '../../../parts/when.tsx';
import { numberWords } from '../../../parts/words.ts';
import { linkTo } from '../../../shell/router.ts';
import { shareWords, sortedPlaces, uncomparedWords } from './feature-words.ts';
import { type DiffLine, linesOf } from './json-sides.ts';

export function Comparison({ of }: { readonly of: FeatureReport }) {
  const { phase, shadow, maxMismatch } = of;
  const { compared, mismatched, masked, measured, examples, places, placesLeftOut } = shadow;
  const left = uncomparedWords(shadow);
  if (compared + left.length + examples.length === 0)
    return phase === 'shadow' ? <p class="muted">No request was compared yet. It begins with the next one.</p> : null;
  const isTooMuch = mismatched > maxMismatch * compared;
  return (
    <>
      <h3>The two sides compared</h3>
      <dl class="figures">
        <Figure title="Compared" value={numberWords(compared)} />
        <Figure
          title={`Differed, at most ${Number((maxMismatch * 100).toPrecision(3))}%`}
          value={<span class={isTooMuch ? 'bad' : ''}>{shareWords(mismatched, compared)}</span>}
        />
        <Figure title="Only noise" value={shareWords(masked, compared)} />
        <Figure title="Noise measured" value={numberWords(measured)} />
      </dl>
      {left.length === 0 ? null : <p class="muted">Not compared: {left.join('; ')}.</p>}
      {examples.map(example => (
        <ExamplePart key={`${example.trace} ${example.at}`} of={example} />
      ))}
      {places.length === 0 ? null : (
        <>
          <h3>Places where answers differ</h3>
          <Table columns={PLACES} rows={sortedPlaces(places)} keyOf={({ at }) => at} />
        </>
      )}
      {placesLeftOut ? (
        <p class="banner banner-warn">
          There are more places than are told apart. Differences at the others all count: name harmless ones in
          “ignore”.
        </p>
      ) : null}
    </>
  );
}

/** It reads as a review shows a change: legacy stands at the left, the new side at the right. */
function ExamplePart({ of }: { readonly of: Example }) {
  const { method, path, count, at, trace, differences, more } = of;
  return (
    <figure class="diff">
      <figcaption>
        <span class="mono">
          {method} {path}
        </span>
        <span class="muted">
          {counted(count, 'request')}, the newest <When at={new Date(at).toISOString()} />
        </span>
        <a class="mono" href={linkTo(['find'], { q: trace })}>
          trace {trace.slice(0, 8)}
        </a>
      </figcaption>
      <table>
        <thead>
          <tr>
            <th>Place</th>
            <th>Legacy</th>
            <th>New side</th>
          </tr>
        </thead>
        <tbody>
          {linesOf(differences).map((line, index) => (
            <Line key={`${index} ${line.name}`} of={line} />
          ))}
        </tbody>
      </table>
      <p class="faint">
        Values are masked: a letter is a or A, a digit 0.
        {more > 0 ? ` ${counted(more, 'more place')} differed.` : ''}
      </p>
    </figure>
  );
}

function Line({ of: { depth, name, sides } }: { readonly of: DiffLine }) {
  return (
    <tr class={sides === undefined ? undefined : 'differs'}>
      <td data-title="Place" class={`mono deep-${Math.min(depth, 6)}`}>
        {name}
        {sides === undefined ? ':' : ''}
      </td>
      <td data-title="Legacy" class="mono before">
        {sides?.legacy}
      </td>
      <td data-title="New side" class="mono after">
        {sides?.new}
        {sides?.note === undefined ? null : <span class="note">{sides.note}</span>}
      </td>
    </tr>
  );
}

const PLACES: readonly Column<PlaceReport>[] = [
  { title: 'Place', look: 'wide', cell: ({ at }) => <span class="mono">{at}</span> },
  {
    title: 'What it is',
    look: 'once',
    cell: ({ verdict }) => (
      <Badge tone={verdict === 'mismatch' ? 'bad' : 'quiet'} word={verdict === 'mismatch' ? 'mismatch' : 'noise'} />
    ),
  },
  { title: 'New side differs', look: 'number', cell: ({ differs }) => numberWords(differs) },
  { title: 'Legacy from itself', look: 'number', cell: ({ noise }) => numberWords(noise) },
];

// Says whether the page hears of changes as they happen; otherwise since when not, and what it does
// meanwhile.
import { type StreamState, streamState } from '../api/changes.ts';
import { Badge } from '../parts/badge.tsx';
import { When } from '../parts/when.tsx';

const TITLES: Readonly<Partial<Record<StreamState['is'], string>>> = {
  live: 'Changes are shown as they happen.',
  away: 'The page no longer hears from the platform. It connects again by itself, and asks every few seconds.',
  refused: 'The platform tells changes to no more pages for now, so this one asks every few seconds. Close others.',
};

export function StreamStatus() {
  const { is, since } = streamState.value;
  return (
    <p class="stream" title={TITLES[is]}>
      <span role="status">
        <Word is={is} />
      </span>
      {is === 'away' ? (
        <span class="muted">
          {' '}
          <When at={new Date(since).toISOString()} how="for" />
          <span class="stream-more">, connects again by itself</span>
        </span>
      ) : null}
    </p>
  );
}

/** A screen reader reads the word when it changes, and not the time. */
function Word({ is }: Pick<StreamState, 'is'>) {
  if (is === 'live') return <Badge tone="good" word="Live" />;
  if (is === 'refused') return <Badge tone="warn" word="Not live: asks every 4 s" />;
  return is === 'away' ? <Badge tone="warn" word="Not live" /> : null;
}

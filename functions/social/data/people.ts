// The people, and their followers: some who know one another, and one whom all the world follows.
import { createChance } from './chance.ts';
import { type SocialEvent, toEvent } from './social-event.ts';

/** Followed by all. */
export const STAR = 'nova';
export const FANS = 100_000;

const FIRST = [
  'ada',
  'ben',
  'cleo',
  'dov',
  'ella',
  'finn',
  'gita',
  'hugo',
  'iris',
  'jon',
  'kaya',
  'levi',
  'mona',
  'nils',
  'ona',
  'piet',
];
const LAST = ['ash', 'brook', 'cole', 'dale', 'elm', 'frost', 'glen', 'hill', 'isle', 'lake', 'moor', 'north'];

export const PEOPLE: readonly string[] = FIRST.flatMap(first => LAST.map(last => `${first}-${last}`));

/** Follows of each of the people beside the star. */
const FOLLOWED_BY_EACH = 12;

export function fan(number: number): string {
  return `fan-${String(number).padStart(6, '0')}`;
}

export function* follows(): Generator<SocialEvent> {
  let n = 0;
  const follow = (follower: string, followed: string) =>
    toEvent('Followed', `follow-${n++}`, follower, n, { follower, followed });
  const chance = createChance(7);
  for (const follower of PEOPLE) {
    const chosen = new Set<string>();
    while (chosen.size < FOLLOWED_BY_EACH) {
      const followed = chance.one(PEOPLE);
      if (followed !== follower) chosen.add(followed);
    }
    for (const followed of chosen) yield follow(follower, followed);
    yield follow(follower, STAR);
  }
  for (let number = PEOPLE.length; number < FANS; number++) yield follow(fan(number), STAR);
}

// What a function can be like for a while.

interface MoodOf {
  /** For people: functions … for 500 ms. */
  readonly says: string;
  /** It goes on working when nobody waits for it any more. */
  readonly outlivesCaller?: boolean;
}

export const moods = {
  slow: { says: 'take a quarter of the time that they have' },
  failing: { says: 'answer 503' },
  resetting: { says: 'reset connections' },
  throttling: { says: 'answer 429 with Retry-After' },
  hanging: { says: 'never answer', outlivesCaller: true },
  late: { says: 'answer after their deadline', outlivesCaller: true },
  'cut off': { says: 'answer 200 and break off in the middle' },
  gone: { says: 'cannot be reached' },
} satisfies Record<string, MoodOf>;

export type Mood = keyof typeof moods;

export const outlivesCaller = (mood: Mood): boolean => {
  const of: MoodOf = moods[mood];
  return of.outlivesCaller ?? false;
};

// The functions that are called: slow, failing, hanging, late, gone, or asking to be left alone.
import { moods } from '../functions/moods.ts';
import { during, type FaultKind } from './fault.ts';

export const functions: readonly FaultKind[] = Object.entries(moods).map(([mood, { says }]) => ({
  name: `functions ${mood}`,
  draw({ functions }, chance) {
    const length = chance.int('length', 500, 5000);
    return {
      targets: ['functions'],
      name: `functions ${says} for ${length} ms`,
      inject: () =>
        during(
          length,
          () => functions.setMood(mood as keyof typeof moods),
          () => functions.setMood(undefined),
        ),
    };
  },
}));

// Which changes of figures are worth a write.
import assert from 'node:assert/strict';
import { isNoticeable } from '../../../k8s/serving/figure-reports.ts';

describe('figures of a status', () => {
  const rows: readonly [before: object | undefined, now: [number, number, number], worth: boolean][] = [
    [undefined, [0, 0, 0], true],
    [{ lag: 0, parked: 0, dead: 0 }, [0, 0, 0], false],
    [{ lag: 0, parked: 0, dead: 0 }, [1, 0, 0], true],
    [{ lag: 5, parked: 0, dead: 0 }, [12, 0, 0], false],
    [{ lag: 5, parked: 0, dead: 0 }, [0, 0, 0], true],
    [{ lag: 1000, parked: 0, dead: 0 }, [1150, 0, 0], false],
    [{ lag: 1000, parked: 0, dead: 0 }, [1300, 0, 0], true],
    [{ lag: 9, parked: 3, dead: 7 }, [9, 3, 8], true],
    [{ lag: 9, parked: 3, dead: 7 }, [9, 5, 7], false],
  ];
  for (const [before, [lag, parked, dead], worth] of rows) {
    const what = `${JSON.stringify(before)} → ${lag}, ${parked}, ${dead}`;
    it(`${worth ? 'are' : 'are not'} written for ${what}`, () =>
      assert.equal(isNoticeable(before, { lag, parked, dead }), worth));
  }
});

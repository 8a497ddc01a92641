// A percentile of a window and DuckDB's quantile_disc are the same: who asks the archive
// beside it gets the same answer.
import assert from 'node:assert/strict';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { Percentile } from '../../../worker/aggregates/percentile.ts';

const PERCENTS = ['0', '0.1', '1', '12.5', '50', '66.7', '90', '95', '99', '99.9', '100'];

/** As a share, written without rounding. */
function shareOf(percent: string): string {
  const [whole = '', fraction = ''] = percent.split('.');
  return `${whole.padStart(3, '0').slice(0, -2)}.${whole.padStart(3, '0').slice(-2)}${fraction}`;
}

describe('a percentile beside SQL', () => {
  it('is what quantile_disc says, for every share and count', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const number = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const ask = async (values: readonly number[]) => {
      // As text: a number that is written as such is a decimal first, and rounded.
      const list = values.map(value => `'${JSON.stringify(value)}'::DOUBLE`).join(', ');
      const shares = PERCENTS.map(percent => `quantile_disc(x, ${shareOf(percent)})`).join(', ');
      const answer = await connection.runAndReadAll(`SELECT ${shares} FROM (SELECT unnest([${list}]) AS x)`);
      return answer.getRows()[0];
    };
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 128 }), async values => {
          const ours = PERCENTS.map(percent => {
            const percentile = new Percentile(Number(percent));
            for (const value of values) percentile.add(value);
            return (percentile.result() ?? 0) + 0;
          });
          const theirs = ((await ask(values)) ?? []).map(value => Number(value) + 0);
          assert.deepEqual(ours, theirs);
        }),
        { numRuns: 100, examples: [[[0.000009046508971887293, 0]]] },
      );
    } finally {
      connection.closeSync();
    }
  });
});

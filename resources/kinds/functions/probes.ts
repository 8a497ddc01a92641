// How instances of a Function are asked whether they live, and what
// follows when they do not answer.
import * as z from 'zod';
import { withMarks } from '../fields/marks.ts';
import { duration } from '../fields/units.ts';

const WRONG = 'This must be a path that begins with "/", such as /healthz, with its query at most.';

function probePath() {
  const schema = z
    .string(WRONG)
    .max(512, WRONG)
    .regex(/^\/[!-"$-~]*$/, WRONG);
  return withMarks(schema, { typeName: 'path' });
}

export function probes() {
  return z.strictObject({
    path: probePath()
      .optional()
      .describe(
        'Path that answers GET with 200 to 399 as long as the process lives. Without it /healthz, where the runtime of Tenfold answers, also in images that `tenfold build` makes.',
      ),
    readyPath: probePath()
      .optional()
      .describe(
        'Path that answers so as long as the instance takes calls. Without it that of `path`; without both /readyz.',
      ),
    unreadyAfter: duration({ min: '1s', max: '10m' })
      .prefault('30s')
      .describe('An instance that has not answered for so long gets no calls until it answers again.'),
    restartAfter: duration({ min: '10s', max: '1h' })
      .optional()
      .describe(
        'An instance that has not answered for so long is replaced. Without it 30s more than the time limit of a call (`timeout`), and at least 1m. Code that keeps the processor busy for so long answers no call in time.',
      ),
  });
}

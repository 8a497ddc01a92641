// Schedules of a Topic, a Queue or a FanOut: when the platform itself publishes an event or begins
// a job there.
import * as z from 'zod';
import { cron, timeZone } from '../fields/cron.ts';
import { templateValue } from '../fields/json.ts';
import { listByName } from '../fields/list-by-name.ts';
import { label } from '../fields/names.ts';
import { duration } from '../fields/units.ts';

const fields = {
  name: label().describe('Name of the schedule, once in the list.'),
  cron: cron().describe(
    'When a run is due: minute, hour, day of the month, month and day of the week, such as "30 2 * * *", or a word such as @daily.',
  ),
  timeZone: timeZone()
    .prefault('UTC')
    .describe('The time zone of the pattern. Changes to and from daylight saving time are followed.'),
  type: z.string().min(1).max(255).prefault('dev.tenfold.schedule.due').describe('The type of the events.'),
  data: templateValue('event')
    .optional()
    .describe(
      'The data of the events; "${event.time}" is the due time. Without it an object with the name of the schedule and the due time.',
    ),
  missed: z
    .enum(['skip', 'one', 'all'])
    .prefault('skip')
    .describe(
      'How runs are treated that were due more than a minute ago, as while no worker ran. skip: they are left out. one: the last of them runs. all: each of them runs, the last 100 at most.',
    ),
  jitter: duration({ max: '1h' })
    .prefault('0s')
    .describe(
      'Each run comes later than it is due by a share of this, which is always the same for one schedule. Schedules that are due at the same time spread over it.',
    ),
  paused: z.boolean().prefault(false).describe('true: nothing runs. Runs that are due meanwhile are not made up for.'),
};

const overlap = z
  .enum(['allow', 'skip', 'queue'])
  .prefault('allow')
  .describe(
    'How a run is treated that is due while the job of the run before has not ended. allow: it runs beside it. skip: it is left out. queue: it waits, with 200 others at most.',
  );

const sameName = (name: string) => `There is a schedule "${name}" already. Each needs a name of its own.`;
const WHAT = 'When the platform itself';

/** For a Topic, whose events have no end. */
export function schedules() {
  return listByName(z.strictObject(fields), sameName).optional().describe(`${WHAT} publishes an event here.`);
}

/** For a Queue or a FanOut, whose jobs end. */
export function jobSchedules() {
  return listByName(z.strictObject({ ...fields, overlap }), sameName)
    .optional()
    .describe(`${WHAT} begins a job here.`);
}

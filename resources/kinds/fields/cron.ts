// Cron patterns, and the time zones that they are meant in.
import * as z from 'zod';
import { CRON_PATTERN, CRON_WRONG, cronFault, isTimeZone } from '../../../core/schedules/cron.ts';
import { suggest } from '../../../core/suggest.ts';
import { withMarks } from './marks.ts';

const MAX_CRON = 256;
const MAX_ZONE = 64;
const CRON_FORM = new RegExp(CRON_PATTERN);
const ZONE_FORM = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
const ZONE_WRONG = 'This must be the name of a time zone, such as Europe/Berlin or UTC.';

export function cron() {
  const schema = z
    .string(CRON_WRONG)
    .max(MAX_CRON, CRON_WRONG)
    .regex(CRON_FORM, CRON_WRONG)
    .superRefine((text, context) => {
      const message = CRON_FORM.test(text) ? cronFault(text) : undefined;
      if (message !== undefined) context.addIssue({ code: 'custom', input: text, message });
    });
  return withMarks(schema, { typeName: 'cron pattern' });
}

export function timeZone() {
  const schema = z
    .string(ZONE_WRONG)
    .max(MAX_ZONE, ZONE_WRONG)
    .regex(ZONE_FORM, ZONE_WRONG)
    .superRefine((name, context) => {
      if (!ZONE_FORM.test(name) || isTimeZone(name)) return;
      const nearest = suggest(name, Intl.supportedValuesOf('timeZone'));
      const message = `There is no time zone "${name}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`;
      context.addIssue({ code: 'custom', input: name, message });
    });
  return withMarks(schema, { typeName: 'time zone' });
}

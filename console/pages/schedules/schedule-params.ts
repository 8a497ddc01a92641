// The names in the address of a schedule.
import type { ScheduleName } from '../../../admin/commands/schedule-view.ts';

/** The address may name a kind that has no schedules; the platform says so. */
export type ScheduleParams = Readonly<Record<keyof ScheduleName, string>>;

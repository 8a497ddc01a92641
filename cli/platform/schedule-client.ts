// Asks the admin API about schedules.
import type { ScheduleName, ScheduleReport } from '../../admin/commands/schedule-view.ts';
import type { Page } from '../../admin/page.ts';
import type { AdminCaller, Query } from './admin-call.ts';

export interface ScheduleClient {
  schedules(query: Query): Promise<Page<ScheduleReport>>;
  schedule(name: ScheduleName): Promise<ScheduleReport>;
  changeSchedule(name: ScheduleName, change: 'pause' | 'resume' | 'run'): Promise<ScheduleReport>;
}

export function createScheduleClient({ call }: Pick<AdminCaller, 'call'>): ScheduleClient {
  const at = ({ kind, namespace, name, schedule }: ScheduleName, ...more: string[]) =>
    ['schedules', ...[kind, namespace, name, schedule].map(encodeURIComponent), ...more].join('/');
  return {
    schedules: query => call('GET', 'schedules', query),
    schedule: name => call('GET', at(name)),
    changeSchedule: (name, change) => call('POST', at(name, change)),
  };
}

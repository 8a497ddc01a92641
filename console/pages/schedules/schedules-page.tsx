// The list of schedules, or the one that the address names.
import { path } from '../../shell/router.ts';
import { SchedulePage } from './schedule.tsx';
import { ScheduleList } from './schedules.tsx';

export function SchedulesPage() {
  const [, kind, namespace, name, schedule] = path.value;
  if (!kind || !namespace || !name || !schedule) return <ScheduleList />;
  return <SchedulePage key={path.value.join('/')} params={{ kind, namespace, name, schedule }} />;
}

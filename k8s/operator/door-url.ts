// Where Topics, Queues, Views and FanOuts are reached by functions of their namespace: at the internal doors.
import type { AnyResource } from '../../resources/resource.ts';
import type { Doors } from '../providers/doors.ts';

const FOLDERS: Partial<Record<AnyResource['kind'], string>> = {
  Topic: 'topics',
  Queue: 'queues',
  View: 'views',
  FanOut: 'fan-outs',
};

/** Undefined for other kinds, and where there are no internal doors. */
export function doorUrlOf({ kind, metadata }: AnyResource, doors: Doors | undefined): string | undefined {
  const folder = FOLDERS[kind];
  return folder === undefined || doors === undefined ? undefined : `${doors.url}/${folder}/${metadata.name}`;
}

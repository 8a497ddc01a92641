// Repairs one damaged object where that is possible, and reports the loss where it is not.
import type { DamagedObject, ObjectRepair } from '../../admin/object-view.ts';
import { ARCHIVE_CONSUMER, ARCHIVES, archiveScopeOf, parseFileName } from '../../worker/archive/layout.ts';
import { remakeFile } from '../../worker/archive/remake-file.ts';
import type { ObjectSite } from './walk-objects.ts';

export async function repairObject(
  site: ObjectSite,
  object: DamagedObject,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<ObjectRepair> {
  const say = (kind: ObjectRepair['kind'], message: string): ObjectRepair => ({ kind, object, message });
  const { key } = object;
  const name = parseFileName(key);
  if (!key.startsWith(ARCHIVES) || name === undefined) return say('lost', consequenceOf(object));
  const archive = site
    .archives()
    .find(({ archive: { layout } }) => layout.id === name.id && key.startsWith(layout.root))?.archive;
  if (archive === undefined) return say('lost', 'No Pipeline in force writes that archive, so it cannot be made anew.');
  if (!name.isRange) {
    const { log, store, blobs } = site;
    const { is, message } = await remakeFile({ log, store, blobs, archive, key, name, dryRun, signal });
    return say(is, message);
  }
  const scope = archiveScopeOf(archive.layout, name.partition);
  const position = await site.store.position(scope, ARCHIVE_CONSUMER, name.partition);
  if (name.from >= (position ?? 0))
    return say(
      'lost',
      'The range is not finished. Remove the object: the Pipeline decides it anew, and may write some of its files twice.',
    );
  if (!dryRun) await site.blobs.delete(key);
  return say(dryRun ? 'possible' : 'made', 'The range is finished, so its record is needed no more and is removed.');
}

function consequenceOf({ owner, key }: DamagedObject): string {
  switch (owner.kind) {
    case 'Topic':
      return 'Readers of that event are refused its data. Publish the event anew from where it came; it goes with its time.';
    case 'Queue':
      return 'Requests for that result are refused. Submit the job anew where it is still needed; it goes with its time.';
    case 'FanOut':
      return 'Requests for that result are refused. Start the job anew where it is still needed; it goes with its time.';
    case 'object':
      return 'Readers are refused the damaged parts. Write it anew from where it came, or delete it.';
    default:
      return `Its purpose is unknown. Remove it from the blob store if it is not needed: ${key}.`;
  }
}

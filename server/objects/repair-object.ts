// Repairs one damaged object where that can be done, and says what is lost where it cannot.
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
  if (archive === undefined)
    return say('lost', 'No Pipeline in force writes that archive, so nobody knows how to make it anew.');
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
      return 'Who reads that event is refused its data. Publish the event anew from where it came; it goes with its time.';
    case 'Queue':
      return 'Who asks for that result is refused it. Submit the job anew where it is still needed; it goes with its time.';
    case 'FanOut':
      return 'Who asks for that result is refused it. Start the job anew where it is still needed; it goes with its time.';
    case 'object':
      return 'Who reads it is refused what is damaged. Write it anew from where it came, or delete it.';
    default:
      return `Nothing is known of what it was for. Remove it from the blob store if nobody needs it: ${key}.`;
  }
}

// The versions of a Function that answer, read off its status.
import { type KubeObject, readList, readNumber, readText } from '../api/kube-object.ts';
import { conditionOf } from '../operator/status/status.ts';

/** The same as in the port of the function host. */
interface ReportedVersion {
  readonly isNewest: boolean;
  readonly since?: string;
  readonly instances?: number;
  readonly image?: string;
  readonly revision?: string;
  readonly percent?: number;
}

/**
 * Undefined where the status does not say: of other kinds, of a Function that does not run, and
 * while a change is under way, in which instances of two versions may answer.
 */
export function versionsOf(object: KubeObject): readonly ReportedVersion[] | undefined {
  if (object.kind !== 'Function' || conditionOf(object, 'Ready')?.status !== 'True') return undefined;
  const isSeen = readNumber(object, 'status', 'observedGeneration') === object.metadata.generation;
  // The version before runs on where the newest one is refused.
  if (!isSeen || conditionOf(object, 'Accepted')?.status !== 'True') return undefined;
  const image = readText(object, 'spec', 'image');
  const about = image === undefined ? {} : { image };
  const shares = readList(object, 'status', 'traffic').flatMap(share => {
    const [revision, tag] = [readText(share, 'revision'), readText(share, 'tag')];
    const percent = readNumber(share, 'percent') ?? 0;
    return revision === undefined ? [] : [{ isNewest: tag === 'canary', revision, percent }];
  });
  const [newest, ...rest] = shares.sort((one, other) => Number(other.isNewest) - Number(one.isNewest));
  if (newest?.isNewest) return [{ ...newest, ...about }, ...rest];
  const progressing = conditionOf(object, 'Progressing');
  const instances = readNumber(object, 'status', 'replicas');
  if (progressing?.status !== 'False' || !instances) return undefined;
  const { since } = progressing;
  return [{ isNewest: true, ...(since === undefined ? {} : { since }), instances, ...about }];
}

// The versions of a Function that answer or come up, read off its status.
import { type KubeObject, read, readList, readNumber, readText } from '../api/kube-object.ts';
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
 * while its provider does not report the versions of a change that is under way or does not end.
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
  const versions = readList(object, 'status', 'versions').map(version => reportedOf(version, about));
  if (versions.length > 0) return versions;
  const progressing = conditionOf(object, 'Progressing');
  const instances = readNumber(object, 'status', 'replicas');
  const isStalled = conditionOf(object, 'Stalled')?.status === 'True';
  if (progressing?.status !== 'False' || isStalled || !instances) return undefined;
  const { since } = progressing;
  return [{ isNewest: true, ...(since === undefined ? {} : { since }), instances, ...about }];
}

/** One of two or more that have instances; `about` tells of the newest. */
function reportedOf(version: unknown, about: Pick<ReportedVersion, 'image'>): ReportedVersion {
  const isNewest = read(version, 'newest') === true;
  const revision = readText(version, 'revision');
  return {
    isNewest,
    instances: readNumber(version, 'replicas') ?? 0,
    ...(revision === undefined ? {} : { revision }),
    ...(isNewest ? about : {}),
  };
}

// Needs of resources for services that are not configured. They are refused when the resources are
// read, and not when the first event comes.
import type { AnyResource, Finding, Path } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import type { Storage } from './open-storage.ts';

export function findMissingServices(resources: ResourceSet, has: Storage['has']): Finding[] {
  const findings: Finding[] = [];
  const report = (resource: AnyResource, path: Path, what: string, setting: string) => {
    const message = `This needs ${what} that processes share, and none is configured. Configure ${setting}.`;
    findings.push({ severity: 'error', resource, path, message });
  };
  if (!has.search) {
    for (const view of resources.ofKind('View')) {
      if (view.spec.search) report(view, ['spec', 'search'], 'a search index', 'search.elasticsearch');
    }
  }
  if (has.blobs) return findings;
  const blobs = (resource: AnyResource, ...path: Path) =>
    report(resource, path, 'a store for large contents', 'blobs.s3');
  for (const topic of resources.ofKind('Topic')) if (topic.spec.claimCheck) blobs(topic, 'spec', 'claimCheck');
  for (const fanOut of resources.ofKind('FanOut')) if (fanOut.spec.on.upload) blobs(fanOut, 'spec', 'on', 'upload');
  for (const pipeline of resources.ofKind('Pipeline')) {
    for (const [index, { archive }] of pipeline.spec.to.entries())
      if (archive) blobs(pipeline, 'spec', 'to', index, 'archive');
  }
  return findings;
}

// The followers of a person, as another View says: the indexes of that View that are used, from
// either side.
import { indexNameOf } from '../../core/views/view-layout.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

export interface FollowersOfView {
  /** The View with a table of who follows whom. */
  readonly view: Resource<'View'>;
  /** By whom is followed. */
  readonly byFollowed: string;
  /** Member of its rows that names the follower. */
  readonly follower: string;
  /** By who follows. */
  readonly byFollower: string;
  /** Member of its rows that names whom is followed. */
  readonly followed: string;
}

/**
 * Undefined for a View whose feeds are not those of followers; a text says why they cannot be.
 * References were checked before.
 */
export function followersOfView(
  { metadata, spec }: Resource<'View'>,
  resources: ResourceSet,
): FollowersOfView | string | undefined {
  const followers = spec.feed?.followers;
  if (followers === undefined) return undefined;
  const { view: name, index, member } = followers;
  const view = resources.get('View', metadata.namespace, name);
  const indexes = view?.spec.table?.indexes;
  if (view === undefined || indexes === undefined) return `View ${name} has no table of who follows whom.`;
  const byFollowed = indexes.find(each => indexNameOf(each) === index);
  if (byFollowed === undefined) {
    return `The table of View ${name} has no index ${index}. Its indexes are ${indexes.map(indexNameOf).join(' and ') || 'none'}.`;
  }
  const byFollower = indexes.find(each => [each].flat()[0] === member);
  if (byFollower === undefined) {
    return `The table of View ${name} needs an index that begins with ${member}. The feed uses it to add events of authors with very many followers.`;
  }
  return {
    view,
    byFollowed: indexNameOf(byFollowed),
    follower: member,
    byFollower: indexNameOf(byFollower),
    followed: [byFollowed].flat()[0] ?? '',
  };
}

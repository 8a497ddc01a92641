// The settings of a View that runs.
import type { ViewLayout } from '../../core/views/view-layout.ts';
import type { Resource } from '../../resources/resource.ts';
import type { FollowersSettings } from './shapes/followers.ts';
import type { ViewShape } from './shapes/view-shape.ts';

export interface ViewSettings {
  readonly namespace: string;
  readonly name: string;
  readonly layout: ViewLayout;
  /** Topics of the log. */
  readonly sources: readonly string[];
  readonly shape: ViewShape;
  /** Set for a View whose feeds belong to followers. */
  readonly followers?: FollowersSettings | undefined;
  /** Set for a View whose events go through a function first. */
  readonly projection?: ProjectionSettings | undefined;
  readonly deadLetterRetention: number;
}

/** The function that a View's events go through. */
export interface ProjectionSettings extends Pick<Resource<'View'>['spec'], 'concurrency' | 'retry' | 'parking'> {
  readonly function: string;
  readonly timeoutMs: number | undefined;
}

// What a View needs to be run.
import type { ViewLayout } from '../../core/views/view-layout.ts';
import type { Resource } from '../../resources/resource.ts';
import type { FollowersSettings } from './followers.ts';
import type { ViewShape } from './view-shape.ts';

export interface ViewSettings {
  readonly namespace: string;
  readonly name: string;
  readonly layout: ViewLayout;
  /** Topics of the log. */
  readonly sources: readonly string[];
  readonly shape: ViewShape;
  /** Of a View whose feeds are those of followers. */
  readonly followers?: FollowersSettings | undefined;
  /** Of a View whose events go through a function first. */
  readonly projection?: ProjectionSettings | undefined;
  readonly deadLetterRetention: number;
}

/** What a View must know of the function that its events go through. */
export interface ProjectionSettings extends Pick<Resource<'View'>['spec'], 'concurrency' | 'retry' | 'parking'> {
  readonly function: string;
  readonly timeoutMs: number | undefined;
}

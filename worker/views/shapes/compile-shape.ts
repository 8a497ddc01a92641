// The shape that a View declares; undefined for a kind that this version does not have.
import type { Resource } from '../../../resources/resource.ts';
import { compileAggregatedRows } from './aggregated-rows.ts';
import { compileFeed } from './feed.ts';
import { compileFollowerFeed } from './follower-feed.ts';
import { compileRanking } from './ranking.ts';
import { compileSearch } from './search.ts';
import { compileTable } from './table.ts';
import type { ViewShape } from './view-shape.ts';

export function compileShape({ spec }: Resource<'View'>): ViewShape | undefined {
  const { table, aggregate, ranking, feed, search, filter } = spec;
  if (table) return compileTable(table, filter);
  if (aggregate) return compileAggregatedRows(aggregate, filter);
  if (ranking) return compileRanking(ranking, filter);
  if (feed?.owner !== undefined) return compileFeed({ ...feed, owner: feed.owner }, filter);
  if (feed?.followers !== undefined) return compileFollowerFeed({ ...feed, followers: feed.followers }, filter);
  if (search) return compileSearch(search, filter);
  return undefined;
}

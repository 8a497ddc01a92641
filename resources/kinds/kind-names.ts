// The names of the ten kinds.

export const kindNames = [
  'Function',
  'Topic',
  'Api',
  'Aggregate',
  'Subscription',
  'Strangler',
  'Queue',
  'View',
  'Pipeline',
  'FanOut',
] as const;

export type Kind = (typeof kindNames)[number];

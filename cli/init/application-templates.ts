// The applications that `tenfold init` can write: one for each pattern, and one with all of them.

export const applicationTemplates = {
  function: 'a web service: two functions, one of which calls the other',
  topic: 'decoupled messaging: orders on a topic, receipts when there is time',
  api: 'a robust API: several services and two versions behind one way in',
  aggregate: 'an aggregator: one answer made of the answers of several services',
  subscription: 'pub/sub: one event, two subscribers that do not know each other',
  strangler: 'a strangler: orders move out of a legacy system, feature by feature',
  queue: 'load leveling: jobs at the pace of a slow service, with their results',
  view: 'reporting: a table and a ranking, built of events',
  pipeline: 'streams: events enriched, counted in windows, and archived',
  'fan-out': 'fan-out and fan-in: a job in parts, gathered into one result',
  all: 'a coffee shop with a resource of each kind',
} as const satisfies Readonly<Record<string, string>>;

export type ApplicationTemplate = keyof typeof applicationTemplates;

export const templateNames = Object.keys(applicationTemplates) as readonly ApplicationTemplate[];

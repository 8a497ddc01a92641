// The commands: names and summaries at once, the code of each only when it is called.
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from './terminal.ts';

/** Gives `command` its arguments, options, examples and action. */
export type Define = (command: Command, terminal: Terminal) => void;

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: boolean;
  load(): Promise<Define>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'write a small application that runs, with a test',
    load: async () => (await import('./commands/application/init.ts')).defineInit,
  },
  {
    name: 'dev',
    summary: 'run an application and follow every change',
    load: async () => (await import('./commands/application/dev.ts')).defineDev,
  },
  {
    name: 'serve',
    summary: 'run an application as in production: no watching, JSON logs',
    load: async () => (await import('./commands/application/serve.ts')).defineServe,
  },
  {
    name: 'gateway',
    summary: 'run the listeners of an application, as one of many processes',
    load: async () => (await import('./commands/application/gateway.ts')).defineGateway,
  },
  {
    name: 'worker',
    summary: 'run what takes events and jobs of an application, as one of many processes',
    load: async () => (await import('./commands/application/worker.ts')).defineWorker,
  },
  {
    name: 'config',
    summary: 'show what the configuration comes to, or check it',
    load: async () => (await import('./commands/application/config.ts')).defineConfig,
  },
  {
    name: 'validate',
    summary: 'check resource files and show everything that is wrong',
    load: async () => (await import('./commands/application/validate.ts')).defineValidate,
  },
  {
    name: 'eval',
    summary: 'try an expression on an event, a request or an answer',
    load: async () => (await import('./commands/application/eval.ts')).defineEval,
  },
  {
    name: 'types',
    summary: 'write types of functions, topics, queues and views for the editor',
    load: async () => (await import('./commands/application/types.ts')).defineTypes,
  },
  {
    name: 'export',
    summary: 'write Topics as AsyncAPI, Apis as OpenAPI, or a catalogue for Backstage',
    load: async () => (await import('./commands/application/export.ts')).defineExport,
  },
  {
    name: 'invoke',
    summary: 'call a function of a running application',
    load: async () => (await import('./commands/http/invoke.ts')).defineInvoke,
  },
  {
    name: 'publish',
    summary: 'publish events to a topic of a running application',
    load: async () => (await import('./commands/events/publish.ts')).definePublish,
  },
  {
    name: 'get',
    summary: 'show resources, functions, routes or problems of a running application',
    load: async () => (await import('./commands/application/get.ts')).defineGet,
  },
  {
    name: 'routes',
    summary: 'show all routes of a running application, or which one takes a request, and why',
    load: async () => (await import('./commands/http/routes.ts')).defineRoutes,
  },
  {
    name: 'diagnose',
    summary: 'say what is wrong with a running application, why, and what to do',
    load: async () => (await import('./commands/application/diagnose.ts')).defineDiagnose,
  },
  {
    name: 'graph',
    summary: 'show what leads to what in a running application, with rates, errors and lag',
    load: async () => (await import('./commands/application/graph.ts')).defineGraph,
  },
  {
    name: 'audit',
    summary: 'show who changed what by commands, the newest first',
    load: async () => (await import('./commands/application/audit.ts')).defineAudit,
  },
  {
    name: 'top',
    summary: 'show what goes through topics and queues now, and what is stuck',
    load: async () => (await import('./commands/events/top.ts')).defineTop,
  },
  {
    name: 'topics',
    summary: 'show the events of a topic, or Topics with their owners, schemas and readers',
    load: async () => (await import('./commands/events/topics.ts')).defineTopics,
  },
  {
    name: 'story',
    summary: 'find an event by one of its names, and show what became of it at each consumer',
    load: async () => (await import('./commands/events/story.ts')).defineStory,
  },
  {
    name: 'subscriptions',
    summary: 'show how far Subscriptions and Queues have come; pause, resume or replay them',
    load: async () => (await import('./commands/events/subscriptions.ts')).defineSubscriptions,
  },
  {
    name: 'views',
    summary: 'show how fresh Views are, ask them, or build them anew',
    load: async () => (await import('./commands/events/views.ts')).defineViews,
  },
  {
    name: 'parked',
    summary: 'show keys whose events wait for another attempt, try them now, or give them up',
    load: async () => (await import('./commands/events/parked.ts')).defineParked,
  },
  {
    name: 'dead',
    summary: 'show events that were given up, and redrive, skip or purge them',
    load: async () => (await import('./commands/events/dead.ts')).defineDead,
  },
  {
    name: 'operations',
    summary: 'show actions on many events that the server carries out; start, pause or stop them',
    load: async () => (await import('./commands/events/operations.ts')).defineOperations,
  },
  {
    name: 'jobs',
    summary: 'show jobs of queues, cancel them or wait for them',
    load: async () => (await import('./commands/events/jobs.ts')).defineJobs,
  },
  {
    name: 'fanouts',
    summary: 'show jobs of fan-outs and what failed of them, cancel or redrive them, or wait for them',
    load: async () => (await import('./commands/events/fanouts.ts')).defineFanOuts,
  },
  {
    name: 'schedules',
    summary: 'show when schedules run and what became of their runs; pause, resume or run them now',
    load: async () => (await import('./commands/events/schedules.ts')).defineSchedules,
  },
  {
    name: 'sql',
    summary: 'ask archives, live windows and Views of a running application in SQL',
    load: async () => (await import('./commands/events/sql.ts')).defineSql,
  },
  {
    name: 'cache',
    summary: 'show what the response cache does, or purge answers from it',
    load: async () => (await import('./commands/http/cache.ts')).defineCache,
  },
  {
    name: 'aggregate',
    summary: 'show how the parts of an Aggregate do, and which of them makes its answers late',
    load: async () => (await import('./commands/http/aggregate.ts')).defineAggregate,
  },
  {
    name: 'strangler',
    summary: 'show how features move out of a legacy system, and move them',
    load: async () => (await import('./commands/http/strangler.ts')).defineStrangler,
  },
  {
    name: 'keys',
    summary: 'give consumers keys to the Apis of an application, and take them back',
    load: async () => (await import('./commands/http/keys.ts')).defineKeys,
  },
  {
    name: 'mcp',
    summary: 'let an agent look at and operate a running application, by the Model Context Protocol',
    load: async () => (await import('./commands/application/mcp.ts')).defineMcp,
  },
  {
    name: 'doctor',
    summary: 'check the database of an application, and save what is sound of a damaged one',
    load: async () => (await import('./commands/data/doctor.ts')).defineDoctor,
  },
  {
    name: 'backup',
    summary: 'copy what a running application keeps on its disk, as it is at one moment',
    load: async () => (await import('./commands/data/backup.ts')).defineBackup,
  },
  {
    name: 'restore',
    summary: 'put a back-up in the place of what a stopped application keeps',
    load: async () => (await import('./commands/data/restore.ts')).defineRestore,
  },
  {
    name: 'build',
    summary: 'make container images of functions, without Docker',
    load: async () => (await import('./commands/cluster/build.ts')).defineBuild,
  },
  {
    name: 'apply',
    summary: 'bring an application into a Kubernetes cluster, the code of its functions included',
    load: async () => (await import('./commands/cluster/apply.ts')).defineApply,
  },
  {
    name: 'delete',
    summary: 'take an application out of a Kubernetes cluster',
    load: async () => (await import('./commands/cluster/delete.ts')).defineDelete,
  },
  {
    name: 'operator',
    summary: 'keep a Kubernetes cluster as its resources say',
    load: async () => (await import('./commands/cluster/operator.ts')).defineOperator,
  },
  {
    name: 'completion',
    summary: 'print a script that completes tenfold commands in your shell',
    load: async () => (await import('./commands/program/completion.ts')).defineCompletion,
  },
  {
    name: 'version',
    summary: 'print the versions of Tenfold and Node.js',
    load: async () => (await import('./commands/program/version.ts')).defineVersion,
  },
  {
    name: '__complete',
    summary: 'answer a completion script',
    hidden: true,
    load: async () => (await import('./commands/program/complete.ts')).defineComplete,
  },
];

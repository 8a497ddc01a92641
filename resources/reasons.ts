// The one table of reasons that conditions and Events give, in a cluster and in `tenfold get`
// alike, with their meanings.

export const reasons = {
  // Accepted
  Valid: 'The newest version is valid, by itself and together with all others.',
  Invalid:
    'The newest version is not valid, by itself or together with others. The version before stays in force, if there was one.',
  RouteNotAllowed:
    'A route reaches for hosts or paths of another namespace, which declared them first or was assigned them. None of its newest version is served; the version before stays in force, if there was one.',
  RouteContested:
    'It is valid, and in force. Another namespace declared a route on its hosts or below its paths, which is refused; the message says which, and allowRoutesFrom lets it in.',
  NotAllowedByListeners:
    'It is valid, and in force. No listener of the installation serves its namespace, so no route of it is reached from outside.',
  NoMatchingListenerHostname:
    'It is valid, and in force. The listeners that serve its namespace serve none of the hosts of a route, so that route is not reached; the message says which.',
  Switched:
    'A command or a promotion moved a feature of a Strangler elsewhere than the resource says. Said by "tenfold get" alone.',
  // Ready
  Available: 'At least one instance answers; the message says how many of how many.',
  InForce: 'It is valid, and all Functions that it leads to are ready.',
  Asleep: 'No instance runs, because there are no calls; the next call starts one, and waits until then.',
  Waking: 'It was called in its sleep and starts; calls wait.',
  External: 'It runs elsewhere; Tenfold calls it and does not start it.',
  NotAccepted: 'The newest version is not in force.',
  Starting: 'No instance answers yet.',
  Stopped: 'It was asked to have no instances, or had to stop; the message says which.',
  Unavailable: 'It does not get there by itself; Ready says whether the version before answers.',
  Paused: 'Its events wait, because a command or the resource says so. Said where no operator writes a status.',
  TargetRests: 'Its target fails and is left alone for a moment. Said where no operator writes a status.',
  LegacyBehind:
    'Changes of a Strangler have not reached its legacy system for long. Said where no operator writes a status.',
  FunctionNotReady: 'A Function that it leads to is not ready.',
  NotTakenUp:
    'Not all gateways and workers have taken the newest version up; the message names those. One that stays behind says in its log why.',
  DiskFailing:
    'The disk that the platform keeps events and state on is full or fails; the message says how. It goes on by itself when that is mended.',
  BackupFailing: 'The last scheduled back-up was not made; the message says why. It is tried again every ten minutes.',
  NeedsImage: 'A source does not reach a cluster by itself; "tenfold apply" brings it there.',
  NoProvider: 'The provider that is asked to run the Function is not there.',
  Unsupported: 'Its provider cannot run it as it is declared.',
  ProviderUnavailable: 'The provider does not answer, or answers unexpectedly; the operator tries again.',
  LogUnavailable: 'The event log does not answer, so the topic may not be there yet; it is tried again.',
  TopicConflict:
    'The topic in Kafka cannot match the Topic without losing events; the message describes the topic in Kafka.',
  NameTaken: 'A needed object exists already and belongs to another owner.',
  Refused:
    'The API server or the provider refused an object that would have to be made or changed. A version that ran before runs on.',
  // Progressing
  RollingOut: 'Instances come or go.',
  Canary:
    'The newest version is tried with a part of the calls; the message says with how many. It stays so until spec.canary changes.',
  Settled: 'Nothing changes at the moment.',
  // Degraded
  InstancesMissing: 'Fewer instances answer than should.',
  CannotScale:
    'It works, and its autoscaler does not: the number of instances does not follow the load. The message says why.',
  Complete: 'Nothing is missing of what should be there.',
  // Healthy
  AsExpected: 'Nothing is wrong with what it does, as far as the platform sees.',
  FailingCalls: 'Calls to its target fail. The message names the newest cause.',
  KeysParked: 'Events have failed and wait for another attempt, and those of the same keys wait behind them.',
  KeysHeld: 'Events have failed and wait for a person, and those of the same keys wait behind them.',
  AtCapacity: 'It takes no more, because as much waits as its resource allows. Callers are answered 503.',
  Behind: 'The oldest of what it has not handled is more than five minutes old.',
  DeadLetters: 'Events were given up. They are kept until somebody redrives or purges them.',
  EventsRefused: 'It could make nothing of events, and left them out.',
  SourceUnavailable:
    'Its source, such as a database, cannot be read. Nothing is lost; it is tried again. The message says why.',
  TableUnavailable:
    'A table of a database, to which it writes, cannot be written. Nothing is lost; it is tried again. The message says why.',
  RowsRefused: 'Rows of its source became no event. They stay where they are, and are tried again each minute.',
  EventsExpired: 'Retention deleted events before it had read them.',
  ObjectsDamaged: 'Objects that it keeps in the blob store are damaged.',
  NotReady: 'A process of the platform is not ready. Said by "tenfold diagnose" alone.',
  // Events alone
  CanaryBegun: 'A newer version gets a part of the calls from now on.',
  CanaryTakenBack: 'The newer version gets no calls any more. It stays there, to be called by its own address.',
  CanaryPromoted: 'The newer version gets all calls from now on.',
} as const;

export type Reason = keyof typeof reasons;

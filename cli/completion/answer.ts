// Answers what may come next on a command line, from the same definitions that parse it.
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** The completions that the shell itself adds. */
  readonly paths: 'none' | 'files' | 'folders';
}

/** Names that are not part of the definitions; those of a running platform may be missing. */
export interface Names {
  kinds(): Promise<readonly Candidate[]>;
  functions(): Promise<readonly Candidate[]>;
  resources(kind: string): Promise<readonly Candidate[]>;
  schedules(): Promise<readonly Candidate[]>;
}

const NOTHING: Completion = { candidates: [], paths: 'none' };

/** `words` are those after `tenfold`; the last one is being typed and may be empty. */
export async function complete(
  program: CommandUnknownOpts,
  words: readonly string[],
  names: Names,
): Promise<Completion> {
  const parts = joinedByEquals(words);
  const typed = parts.at(-1) ?? '';
  const before = parts.slice(0, -1);
  const at = before.findIndex(word => !word.startsWith('-'));
  const command = at < 0 ? program : program.commands.find(each => each.name() === before[at]);
  if (!command) return at >= 0 && before[at] === 'help' ? commandNames(program, typed) : NOTHING;

  const option = optionOf(command, before.at(-1));
  if (option && takesValue(option)) return values(option, typed, '');
  if (typed.startsWith('--') && typed.includes('=')) {
    const name = typed.slice(0, typed.indexOf('='));
    const assigned = optionOf(command, name);
    return assigned ? values(assigned, typed.slice(name.length + 1), `${name}=`) : NOTHING;
  }
  if (typed.startsWith('-')) return options(command, typed);
  if (at < 0) return commandNames(program, typed);

  const given = positionals(command, before.slice(at + 1));
  const argument =
    command.registeredArguments[given.length] ?? command.registeredArguments.findLast(each => each.variadic);
  if (!argument) return NOTHING;
  if (argument.argChoices) return starting(argument.argChoices.map(bare), typed);
  switch (argument.name()) {
    case 'DIR':
      return { candidates: [], paths: 'folders' };
    case 'FILES':
      return { candidates: [], paths: 'files' };
    case 'FUNCTION':
      return starting(await names.functions(), typed);
    case 'KIND':
      return starting(await names.kinds(), typed);
    case 'TOPIC':
      return starting(await names.resources('topics'), typed);
    case 'QUEUE':
      return starting(await names.resources('queues'), typed);
    case 'FANOUT':
      return starting(await names.resources('fanouts'), typed);
    case 'AGGREGATE':
      return starting(await names.resources('aggregates'), typed);
    case 'VIEW':
      return starting(await names.resources('views'), typed);
    case 'SUBSCRIPTION':
      return starting([...(await names.resources('subscriptions')), ...(await queueNames(names))], typed);
    case 'SCHEDULE':
      return starting(await names.schedules(), typed);
    case 'NAME':
      return starting(await names.resources(given[0] ?? ''), typed);
    default:
      return NOTHING;
  }
}

async function queueNames(names: Names): Promise<Candidate[]> {
  return (await names.resources('queues')).map(each => ({ ...each, value: `queue/${each.value}` }));
}

/** bash breaks `--output=json` into three words. */
function joinedByEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  words.forEach((word, index) => {
    const previous = joined.at(-1);
    if (word === '=' && previous?.startsWith('--')) {
      if (index === words.length - 1) joined.push('');
    } else joined.push(word);
  });
  return joined;
}

function optionOf(command: CommandUnknownOpts, word: string | undefined): Option | undefined {
  return command.options.find(option => word !== undefined && (option.long === word || option.short === word));
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function values(option: Option, typed: string, prefix: string): Completion {
  if (option.argChoices) {
    const candidates = option.argChoices
      .filter(choice => choice.startsWith(typed))
      .map(choice => bare(prefix + choice));
    return { candidates, paths: 'none' };
  }
  return {
    candidates: [],
    paths: option.flags.includes('DIR') ? 'folders' : option.flags.includes('FILE') ? 'files' : 'none',
  };
}

function options(command: CommandUnknownOpts, typed: string): Completion {
  const visible = command.createHelp().visibleOptions(command);
  const candidates = visible.map(option => ({ value: option.long ?? option.flags, description: option.description }));
  return starting(candidates, typed);
}

function commandNames(program: CommandUnknownOpts, typed: string): Completion {
  const visible = program.createHelp().visibleCommands(program);
  return starting(
    visible.map(each => ({ value: each.name(), description: each.description() })),
    typed,
  );
}

/** The words that are neither options nor values of options. */
function positionals(command: CommandUnknownOpts, words: readonly string[]): string[] {
  return words.filter((word, index) => {
    if (word.startsWith('-')) return false;
    const previous = optionOf(command, words[index - 1]);
    return !(previous && takesValue(previous));
  });
}

function starting(candidates: readonly Candidate[], typed: string): Completion {
  return { candidates: candidates.filter(candidate => candidate.value.startsWith(typed)), paths: 'none' };
}

function bare(value: string): Candidate {
  return { value, description: '' };
}

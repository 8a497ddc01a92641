// Reads the options of `tenfold eval`: a text, a file, or standard input, which is read once.

import { TenfoldError } from '../../core/errors.ts';
import { parseExactly } from '../../core/units/whole-numbers.ts';
import { CommandError } from '../command-error.ts';
import { readData } from '../events/read-data.ts';
import type { Terminal } from '../terminal.ts';

export interface Inputs {
  /** `name` is that of the option, for messages. */
  text(name: string, given: string): Promise<string>;
  json(name: string, given: string): Promise<unknown>;
}

export function createInputs(terminal: Pick<Terminal, 'cwd' | 'stdin'>): Inputs {
  let fromInput: string | undefined;
  const text = async (name: string, given: string): Promise<string> => {
    if (given === '-') {
      if (fromInput !== undefined)
        throw new CommandError('usage', `${fromInput} and ${name} cannot both be standard input.`, {
          hint: 'give one of them as @FILE.',
        });
      fromInput = name;
    }
    return (await readData(given, terminal)).toString('utf8');
  };
  return {
    text,
    async json(name, given) {
      const read = await text(name, given);
      try {
        return parseExactly(read);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new TenfoldError('invalid-input', `${name} is no JSON: ${why}. A file is named as @FILE.`, { cause });
      }
    },
  };
}

// The --output option, the same in every command that has one.
import { Option } from '@commander-js/extra-typings';

export function outputOption<const F extends readonly string[]>(formats: F, standard: F[number]) {
  return new Option('-o, --output <format>', 'format of what is printed').choices(formats).default(standard);
}

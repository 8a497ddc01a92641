// `tenfold version`: which Tenfold and which Node.js this is.
import type { Command } from '@commander-js/extra-typings';
import { packageVersion } from '../../../server/version.ts';
import { outputOption } from '../../output/output-option.ts';
import { renderData } from '../../output/render.ts';
import type { Terminal } from '../../terminal.ts';

export function defineVersion(command: Command, terminal: Terminal): void {
  command
    .addOption(outputOption(['text', 'json', 'yaml'], 'text'))
    .addHelpText('after', '\nExamples:\n  $ tenfold version\n  $ tenfold version --output json')
    .action(({ output }) => {
      const versions = {
        tenfold: packageVersion,
        node: process.version,
        platform: `${process.platform}-${process.arch}`,
      };
      if (output !== 'text') terminal.print(renderData(versions, output));
      else terminal.print(`tenfold ${versions.tenfold} (node ${versions.node}, ${versions.platform})`);
    });
}

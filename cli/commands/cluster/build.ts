// `tenfold build`: makes container images of functions, without Docker.
import type { Command } from '@commander-js/extra-typings';
import { repeated } from '../../option-values.ts';
import { outputOption } from '../../output/output-option.ts';
import type { Terminal } from '../../terminal.ts';

const EXAMPLES = `
The same code on the same base gives the same digest. Credentials are those of "docker login", or of
TENFOLD_REGISTRY_USERNAME and TENFOLD_REGISTRY_PASSWORD.

Examples:
  $ tenfold build --push ghcr.io/acme
  $ tenfold build my-shop --function orders --push registry.example:5000/shop --tag 1.4
  $ tenfold build --base dist/images/function.tar --tar images
  $ docker load < images/orders.tar`;

export function defineBuild(command: Command, terminal: Terminal): void {
  command
    .argument('[DIR]', 'folder of the application', '.')
    .addOption(repeated('--function <NAME>', 'build this one only, may be given several times'))
    .option('--push <REPOSITORY>', 'push to REPOSITORY/FUNCTION')
    .option('--tar <FOLDER>', 'write FOLDER/FUNCTION.tar, for docker load, ctr images import and kind')
    .option('--tag <TAG>', 'tag, instead of one that is made of the code')
    .option('--base <IMAGE>', 'image or tar that functions run in, instead of that of this version')
    .addOption(repeated('--platform <PLATFORM>', 'such as linux/arm64, instead of all that the base has'))
    .option('--insecure-registry', 'ask registries over HTTP that are not on this machine')
    .addOption(outputOption(['table', 'json', 'yaml'], 'table'))
    .addHelpText('after', EXAMPLES)
    .action(async (folder, { insecureRegistry, ...options }) => {
      const { build } = await import('../../build/build.ts');
      await build(folder, { ...options, insecureRegistry: insecureRegistry === true }, terminal);
    });
}

// The reference page of the configuration, made of its schema.
import { bounds, typeName } from '../../resources/generate/fields.ts';
import { GENERATED } from '../../resources/generate/marker.ts';
import { configFields, isSecret, settingsOf, variableOf } from './settings.ts';

const EXAMPLE = `public: { host: 0.0.0.0, port: 8080, trustedProxies: [10.0.0.0/8] }
internal: { secret: { env: SHOP_INTERNAL_SECRET } }
admin: { token: { file: /run/secrets/admin-token } }
drain: 25s
store:
  redis:
    urls: [redis://redis-1:6379, redis://redis-2:6379]
    mode: sentinel
    sentinelName: shop
    password: { file: /run/secrets/redis }`;

export function exampleConfig(): string {
  return EXAMPLE;
}

export function configPage(): string {
  const fields = configFields();
  const variables = new Map(settingsOf(fields).map(({ path, variable }) => [path.join('.'), variable]));
  const secrets = fields.filter(({ node }) => isSecret(node)).map(({ path }) => path);
  const shown = fields.filter(({ path }) => !secrets.some(secret => path.startsWith(`${secret}.`)));
  return [
    `<!-- ${GENERATED} -->`,
    '# Configuration',
    '',
    'What a process takes from outside the application: ports, keys, and where it keeps what it keeps. `tenfold dev` and `tenfold serve` read it from a YAML or JSON file named by `--config` or `TENFOLD_CONFIG`, from variables, and from options of the command line, which go before variables, which go before the file, which goes before defaults. It is read once, at the start; all that is wrong with it is shown at once, with its place. `tenfold config check` only looks, `tenfold config print` shows each setting with its value and where that is from.',
    '',
    '```yaml',
    EXAMPLE,
    '```',
    '',
    `A **secret** never stands in the file itself: \`{ env: NAME }\` says which variable holds it, \`{ file: PATH }\` which file. The setting's own variable holds it directly (\`${variableOf('admin.token')}\`), and that name with \`_FILE\` behind it says in which file it is (\`${variableOf('admin.token')}_FILE\`). Paths are meant from the folder of the file, in variables and options from where the command runs. Lists in variables are written with commas, or as JSON.`,
    '',
    '## Settings',
    '',
    '`[]` stands for each item of a list. Durations are `300ms`, `30s`, `15m`.',
    '',
    '| setting | variable | type | default | required | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...shown.map(({ path, node, required }) => {
      const variable = variables.get(path);
      const standard = node.default === undefined ? '' : `\`${JSON.stringify(node.default).replaceAll('"', '')}\``;
      const type = node.properties && !isSecret(node) ? 'group' : typeName(node) + bounds(node);
      const cells = [
        `\`${path}\``,
        variable === undefined ? '' : `\`${variable}\``,
        type,
        standard,
        required ? 'yes' : '',
        node.description ?? '',
      ];
      return `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

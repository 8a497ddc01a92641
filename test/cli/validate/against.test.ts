// `tenfold validate --against`: it refuses changes of schemas, and says what it could not compare.
import assert from 'node:assert/strict';
import { assertGolden } from '../golden.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const topic = (name: string, ...lines: string[]) => `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: ${name} }
spec:
${lines.map(line => `  ${line}\n`).join('')}`;
const SUBSCRIPTION = `---
apiVersion: tenfold.dev/v1alpha1
kind: Subscription
metadata: { name: shipping }
spec: { topic: orders, to: { url: "http://ship.example" } }
`;
const WIDE = 'schema: { properties: { total: { type: [number, "null"] } } }';
const NARROW = 'schema: { properties: { total: { type: integer } } }';

describe('validate --against', () => {
  afterEach(removeTempFolders);

  it('refuses what breaks readers, and warns of what it could not compare', async () => {
    const cwd = tempFolder({
      'main/orders.yaml': topic('orders', WIDE),
      'main/bills.yaml': topic('bills', WIDE, 'partitions: many'),
      'app/orders.yaml': topic('orders', NARROW) + SUBSCRIPTION,
      'app/bills.yaml': topic('bills', NARROW),
    });
    const { code, stdout, stderr } = await runCli(['validate', 'app', '--against', 'main'], { cwd });
    assert.equal(code, 1);
    assertGolden('validate/against.txt', `# stdout\n${stdout}# stderr\n${stderr}`.replaceAll(cwd, '<folder>'));
  });
});

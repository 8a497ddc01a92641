// Where the keys of S3 come from when none are configured: the environment, and a token of the
// cluster that is exchanged for keys (IRSA).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { s3 } from '../../../services/s3.ts';
import { findService } from '../../../services/service.ts';
import { temporaryFolder } from '../../sqlite/temporary-folder.ts';
import { s3Cases } from './s3-cases.ts';

if (findService(s3))
  describe('blob store over S3: credentials', () => {
    const cases = s3Cases();

    /** What a process with this environment says that writes one object. */
    async function write(port: number, environment: Readonly<Record<string, string>>): Promise<string> {
      const program = new URL('writer-process.ts', import.meta.url).pathname;
      const url = `http://127.0.0.1:${port}/tenfold`;
      const args = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', program, url, 'once'];
      const child = spawn(process.execPath, args, {
        env: { PATH: process.env['PATH'], AWS_EC2_METADATA_DISABLED: 'true', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      cases.atEnd(() => child.kill('SIGKILL'));
      const [said, failed] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return said || failed;
    }

    it('are taken from the environment', async () => {
      const { port } = await cases.server();
      const keys = { AWS_ACCESS_KEY_ID: 'tenfold', AWS_SECRET_ACCESS_KEY: 'tenfold-secret' };
      assert.match(await write(port, keys), /"acknowledged":"once"/);
      assert.match(await write(port, {}), /There are no valid credentials/);
    });

    it('are exchanged for the token of a web identity', async () => {
      const { port } = await cases.server();
      const folder = temporaryFolder();
      cases.atEnd(() => folder.remove());
      const token = join(folder.path, 'token');
      writeFileSync(token, 'a.token.of.the.cluster');
      const asked: string[] = [];
      const sts = createServer(async (request, response) => {
        asked.push(await text(request));
        // Without a token for the session, which the server of the tests does not know.
        response.setHeader('content-type', 'text/xml');
        response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
          <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>
          <Credentials><AccessKeyId>tenfold</AccessKeyId><SecretAccessKey>tenfold-secret</SecretAccessKey>
          <Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials>
        </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`);
      });
      await new Promise<void>(resolve => sts.listen(0, '127.0.0.1', resolve));
      cases.atEnd(() => sts.close());
      const address = sts.address();
      assert.ok(address !== null && typeof address === 'object');
      const said = await write(port, {
        AWS_WEB_IDENTITY_TOKEN_FILE: token,
        AWS_ROLE_ARN: 'arn:aws:iam::1:role/tenfold',
        AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${address.port}`,
        AWS_REGION: 'us-east-1',
      });
      assert.match(said, /"acknowledged":"once"/);
      assert.match(asked[0] ?? '', /a\.token\.of\.the\.cluster/);
    });
  });

// Follows docs/tutorial.md: writes the files that it shows, runs the commands that it shows, and
// compares what they print. `make docs-images` takes the pictures of the page on the way.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../eventually.ts';
import { chromium } from '../services/chromium.ts';
import { findService } from '../services/service.ts';
import { type PlatformProcess, root, startPlatformProcess } from './platform-process.ts';
import { Pictures } from './tutorial-pictures.ts';

interface Block {
  readonly language: string;
  readonly text: string;
  /** Where it begins in the page. */
  readonly line: number;
}

const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');
const blocks = [...page.matchAll(/^(?:```(\w+)\n([\s\S]*?)^```|!\[.*\]\((images\/.*)\))$/gm)].map(
  ({ 1: language = 'image', 2: text, 3: image = '', index }): Block => ({
    language,
    text: text ?? image,
    line: page.slice(0, index).split('\n').length,
  }),
);

/** A request that changes something is sent once; what asks is asked until the answer is there. */
const CHANGES = /redrive|install|init|npm test/;
/** It prints nothing itself: what becomes of it is in the first terminal. */
const POSTS = /-X POST/;
const PUBLIC = 'http://127.0.0.1:8080';

/** `…` in the page is anything; each line is found behind the one before. */
function shows(printed: string, expected: string): boolean {
  let from = 0;
  for (const line of expected.trimEnd().split('\n')) {
    const pattern = line
      .split('…')
      .map(part =>
        part
          .trim()
          .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll(/\s+/g, '\\s+'),
      )
      .join('[^\\n]*');
    const found = new RegExp(pattern).exec(printed.slice(from));
    if (!found) return false;
    from += found.index + found[0].length;
  }
  return true;
}

class Reader {
  readonly #parent = mkdtempSync(join(tmpdir(), 'tenfold-tutorial-'));
  readonly folder = join(this.#parent, 'orders');
  platform: PlatformProcess | undefined;
  /** What was in the first terminal before the last change. */
  #seen = 0;

  async #run(script: string, cwd = this.folder): Promise<string> {
    const path = [join(this.folder, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
    const env = { ...process.env, NO_COLOR: '1', PATH: path };
    const here = script.replaceAll('../orders', this.folder).replaceAll(PUBLIC, this.platform?.address ?? PUBLIC);
    const done = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], { cwd, env, timeout: 5 * 60_000 });
    // `diagnose` ends with a code of its own where something is wrong.
    const { stdout } = await done.catch(error => ({ stdout: `${error.stdout}\n${error.stderr}` }));
    return stdout.replaceAll(this.platform?.address ?? PUBLIC, PUBLIC);
  }

  /** Runs it, and again where it changes nothing, until it prints what is expected. */
  async asks(script: string, expected: string): Promise<void> {
    const cwd = script.startsWith('npx tenfold init') ? root : this.folder;
    this.#seen = this.platform?.output().length ?? 0;
    if (POSTS.test(script)) {
      assert.equal(await this.#run(script, cwd), '');
      return this.sees(expected);
    }
    let printed = '';
    const isShown = async () => {
      printed = await this.#run(script, cwd);
      return shows(printed, expected);
    };
    const differs = () => `${script}prints\n${expected}\nand not\n${printed}`;
    if (CHANGES.test(script)) assert.ok(await isShown(), differs());
    else await eventually(isShown, differs);
  }

  async start(): Promise<void> {
    const scripts = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')).scripts;
    assert.equal(scripts.dev, 'tenfold dev');
    const tenfold = [process.execPath, join(this.folder, 'node_modules/@tenfold/cli/dist/cli/main.js')];
    this.platform = await startPlatformProcess(['dev'], tenfold, this.folder);
  }

  write(text: string): void {
    const [, name = '', how, words = ''] =
      /^(?:\/\/|#) (\S+\.\w+)(, at its end|, instead of the line with these words: (.*))?\n/.exec(text) ?? [];
    assert.notEqual(name, '', `the first line names no file: ${text}`);
    this.#seen = this.platform?.output().length ?? 0;
    const file = join(this.folder, name);
    const body = text.slice(text.indexOf('\n') + 1);
    if (how === undefined) writeFileSync(file, text);
    else if (words === '') appendFileSync(file, `---\n${body}`);
    else {
      const lines = readFileSync(file, 'utf8').split('\n');
      const at = lines.findIndex(line => line.includes(words));
      assert.notEqual(at, -1, `${name} has a line with ${words}`);
      writeFileSync(file, lines.with(at, body.trimEnd()).join('\n'));
    }
  }

  /** Waits until the first terminal shows this behind the last change. */
  async sees(expected: string): Promise<void> {
    const said = () => this.platform?.output().slice(this.#seen).replaceAll(this.platform.address, PUBLIC) ?? '';
    await eventually(
      () => shows(said(), expected.replaceAll(/127\.0\.0\.1:9090/g, '127.0.0.1:…')),
      () => `the first terminal shows\n${expected}\nand not\n${said()}`,
    );
  }

  async close(): Promise<void> {
    if (this.platform) assert.equal(await this.platform.stop(), 0);
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

const browser = findService(chromium);

if (browser)
  describe('the tutorial', () => {
    const reader = new Reader();
    const pictures = new Pictures();
    after(async () => {
      await pictures.close();
      await reader.close();
    });

    for (const [index, { language, text, line }] of blocks.entries()) {
      if (language === 'text') continue;
      const next = blocks[index + 1];
      const expected = next?.language === 'text' ? next.text : '';
      it(`line ${line}: ${text.split('\n')[0]}`, async () => {
        if (language === 'image')
          return pictures.take(join(root, 'docs', text), reader.platform?.output() ?? '', browser);
        if (language === 'sh' && text !== 'npm run dev\n') return reader.asks(text, expected);
        if (language === 'sh') await reader.start();
        else reader.write(text);
        await reader.sees(expected);
      });
    }
  });

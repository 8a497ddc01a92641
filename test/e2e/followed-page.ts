// Follows a page of the documentation as a reader does: writes the files that it shows, runs its
// commands, and compares what they print.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../eventually.ts';
import { type PlatformProcess, root, startPlatformProcess } from './platform-process.ts';

export interface Block {
  readonly language: string;
  readonly text: string;
  /** Where it begins in the page. */
  readonly line: number;
  /** What the page shows behind it. */
  readonly expected: string;
}

/**
 * Blocks of code and pictures of a page below `docs/`, and where it stops the platform, without
 * those that show what is printed.
 */
export function readPage(path: string): readonly Block[] {
  const page = readFileSync(join(root, 'docs', path), 'utf8');
  const found = [...page.matchAll(/^(?:```(\w+)\n([\s\S]*?)^```$|!\[.*\]\((images\/.*)\)$|(Stop `npm run dev`))/gm)];
  return found.flatMap(({ 1: code, 2: text, 3: image, 4: stop = '', index }, at) => {
    const language = code ?? (image === undefined ? 'stop' : 'image');
    if (language === 'text') return [];
    const next = found[at + 1];
    const line = page.slice(0, index).split('\n').length;
    return [{ language, text: text ?? image ?? stop, line, expected: next?.[1] === 'text' ? (next[2] ?? '') : '' }];
  });
}

/** A request that changes something is sent once; what asks is asked until the answer is there. */
const CHANGES =
  /redrive|install|init|npm test|-X POST|create|apply|build|restore|backup|upgrade|rollback|scale|strangler (?:set|back)|\bmv\b/;
/** It stays one job, however often it is sent. */
const REPEATABLE = /idempotency-key/;
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

export interface Surroundings {
  /** The application's folder, which may not be there yet. */
  readonly folder: string;
  /** What stands here in place of words of the page, which are its keys. */
  readonly instead?: Readonly<Record<string, string>>;
  /** Where the first command runs, which makes the application. */
  readonly beginsIn?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export class Reader {
  readonly #at: Surroundings;
  platform: PlatformProcess | undefined;
  /** What was in the first terminal before the last change. */
  #seen = 0;
  readonly #inBackground: ChildProcess[] = [];
  /** Each step needs those before it: behind one that failed only itself is tried again. */
  #failed = 0;

  get folder(): string {
    return this.#at.folder;
  }

  constructor(surroundings: Surroundings) {
    this.#at = surroundings;
  }

  async follow(block: Block): Promise<void> {
    const isTriedAgain = this.#failed === block.line;
    assert.ok(isTriedAgain || this.#failed === 0, `the step of line ${this.#failed} failed`);
    this.#failed = block.line;
    await this.#take(block);
    this.#failed = 0;
  }

  async #take(block: Block): Promise<void> {
    const { language, text, expected } = block;
    if (language === 'stop') return this.#stop();
    if (language === 'sh' && text !== 'npm run dev\n') return this.#asks(text, expected);
    if (language === 'sh') await this.#start();
    else this.#write(text);
    await this.#sees(expected);
  }

  async close(): Promise<void> {
    for (const { pid } of this.#inBackground) if (pid !== undefined) end(pid);
    await this.#stop();
  }

  /** As Ctrl-C in the first terminal. */
  async #stop(): Promise<void> {
    const { platform } = this;
    this.platform = undefined;
    if (platform) assert.equal(await platform.stop(), 0);
  }

  #adapt(script: string): string {
    const words = { ...this.#at.instead, [PUBLIC]: this.platform?.address ?? PUBLIC };
    return Object.entries(words).reduce((text, [from, to]) => text.replaceAll(from, to), script);
  }

  async #run(script: string, cwd: string): Promise<string> {
    const path = [join(this.#at.folder, 'node_modules/.bin'), process.env['PATH'], this.#at.env?.['PATH']];
    const env = { ...process.env, ...this.#at.env, NO_COLOR: '1', PATH: path.filter(Boolean).join(delimiter) };
    const words = ['-euo', 'pipefail', '-c', this.#adapt(script)];
    if (/&\n$/.test(script)) {
      this.#inBackground.push(spawn('bash', words, { cwd, env, stdio: 'ignore', detached: true }));
      return '';
    }
    const done = promisify(execFile)('bash', words, { cwd, env, timeout: 10 * 60_000 });
    // `diagnose` ends with a code of its own where something is wrong.
    const { stdout } = await done.catch(error => ({ stdout: `${error.stdout}\n${error.stderr}` }));
    return stdout.replaceAll(this.platform?.address ?? PUBLIC, PUBLIC);
  }

  /** Runs it, and again where it changes nothing, until it or the first terminal shows the rest. */
  async #asks(script: string, expected: string): Promise<void> {
    const cwd = /\binit\b|npm create/.test(script) ? (this.#at.beginsIn ?? root) : this.#at.folder;
    this.#seen = this.platform?.output().length ?? 0;
    let printed = '';
    const isShown = async () => {
      printed = await this.#run(script, cwd);
      return shows(printed, expected);
    };
    const differs = () => `${script}prints\n${expected}\nand not\n${printed}`;
    if (!CHANGES.test(script) || REPEATABLE.test(script)) return eventually(isShown, differs);
    if (await isShown()) return;
    assert.equal(printed, '', differs());
    await this.#sees(expected);
  }

  async #start(): Promise<void> {
    const scripts = JSON.parse(readFileSync(join(this.#at.folder, 'package.json'), 'utf8')).scripts;
    assert.equal(scripts.dev, 'tenfold dev');
    const tenfold = [process.execPath, join(this.#at.folder, 'node_modules/@tenfold/cli/dist/cli/main.js')];
    this.platform = await startPlatformProcess(['dev'], tenfold, this.#at.folder);
  }

  #write(text: string): void {
    const [, name = '', how, words = ''] =
      /^(?:\/\/|#) (\S+\.\w+)(, at its end|, instead of the line with these words: (.*))?\n/.exec(text) ?? [];
    assert.notEqual(name, '', `the first line names no file: ${text}`);
    this.#seen = this.platform?.output().length ?? 0;
    const file = join(this.#at.folder, name);
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
  async #sees(expected: string): Promise<void> {
    const said = () => this.platform?.output().slice(this.#seen).replaceAll(this.platform.address, PUBLIC) ?? '';
    await eventually(
      () => shows(said(), expected.replaceAll(/127\.0\.0\.1:9090/g, '127.0.0.1:…')),
      () => `the first terminal shows\n${expected}\nand not\n${said()}`,
    );
  }
}

/** A shell and what it started. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

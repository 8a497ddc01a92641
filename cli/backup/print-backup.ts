// Prints the progress of a back-up, and its content.
import type { FailedLine } from '../../admin/api.ts';
import type { BackupLine } from '../../admin/backup-view.ts';
import { counted } from '../../core/units/counted.ts';
import { exitCodes } from '../exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { brokenOff, toLineError } from '../platform/failed-line.ts';
import type { Terminal } from '../terminal.ts';

const MIB = 1024 ** 2;

export async function printBackup(lines: AsyncIterable<BackupLine | FailedLine>, terminal: Terminal): Promise<void> {
  const database = createProgress('MiB copied', terminal);
  const rows = createProgress('rows checked', terminal);
  const objects = createProgress('objects copied', terminal);
  let done = false;
  try {
    for await (const line of lines) {
      if (line.kind === 'failed') throw toLineError(line);
      if (line.kind === 'copying') database.update(Math.ceil(line.bytes / MIB), Math.ceil(line.of / MIB));
      if (line.kind === 'checking') {
        database.end();
        rows.update(line.rows, undefined);
      }
      if (line.kind === 'copying-objects') {
        rows.end();
        objects.update(line.objects, undefined);
      }
      if (line.kind === 'done') {
        rows.end();
        objects.end();
        tell(line, terminal);
        done = true;
      }
    }
    if (!done) throw brokenOff('the back-up was made');
  } finally {
    database.end();
    rows.end();
    objects.end();
  }
}

function tell(line: Extract<BackupLine, { kind: 'done' }>, terminal: Terminal): void {
  const { to, at, databaseBytes, objects, objectBytes, problems, without } = line;
  const size = `${Math.ceil(databaseBytes / MIB)} MiB of database, ${counted(objects, 'object')} with ${Math.ceil(objectBytes / MIB)} MiB`;
  terminal.print(`${to}: all as it was at ${new Date(at).toISOString()} (${size}).`);
  if (without.length > 0) terminal.say(`Not in it, as it is kept elsewhere: ${without.join(', ')}.`);
  if (problems.length === 0) return;
  terminal.exitCode = exitCodes.invalid.code;
  terminal.say(`${terminal.err.red('damaged')} in the original, and so in the copy:`);
  for (const problem of problems) terminal.say(`  ${problem}`);
}

// The pages of schedules: listed, run by hand, paused and resumed by their plans, with their runs.
import type { ScheduleReport } from '../../../admin/commands/schedule-view.ts';
import { assertAccessible } from '../accessible.ts';
import { LOOKS, picture, type RunningConsole, VIEWER } from '../running-console.ts';

const NIGHTLY = 'schedules/Queue/default/proofs/nightly';

/** Over a platform that has `divisionFiles`. */
export function schedulePages(running: RunningConsole): void {
  it('leads from a Queue to its schedules, runs one by its plan, and leads to the job', async () => {
    const page = await running.open('resources/Queue/default/proofs');
    await page.getByRole('link', { name: 'See its schedules' }).click();
    await page.getByRole('row').filter({ hasText: 'paused by its resource' }).waitFor();
    await page.getByRole('link', { name: 'nightly' }).click();
    await page.getByText('It has not run yet.').waitFor();
    await page.getByRole('button', { name: 'Run now…' }).click();
    const plan = page.getByRole('dialog', { name: 'Run now: the plan' });
    await plan.getByText('One job of Queue "proofs" begins now.').waitFor();
    await assertAccessible(page);
    await picture(page, 'schedule-plan-light');
    await plan.getByRole('button', { name: 'Run now' }).click();
    await plan.waitFor({ state: 'detached' });
    const run = page.getByRole('row').filter({ hasText: 'begun by hand' });
    await run.getByRole('link').click();
    await page.getByRole('dialog', { name: 'Job' }).getByText('succeeded').waitFor();
  });

  it('refuses a plan that is old, pauses by a new one, and resumes', async () => {
    const page = await running.open(NIGHTLY);
    await page.getByRole('button', { name: 'Pause…' }).click();
    const pause = page.getByRole('dialog', { name: 'Pause: the plan' });
    await pause.getByText('Nothing runs until somebody resumes it').waitFor();
    await running.admin(`/api/${NIGHTLY}/pause`, { method: 'POST' });
    await pause.getByRole('button', { name: 'Pause', exact: true }).click();
    await pause.getByRole('alert').getByText('is no longer as the plan saw it').waitFor();
    await pause.getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('button', { name: 'Resume…' }).click();
    const resume = page.getByRole('dialog', { name: 'Resume: the plan' });
    await resume.getByText('It runs next at').waitFor();
    await resume.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('button', { name: 'Pause…' }).waitFor();
  });

  for (const look of LOOKS)
    it(`shows schedules with their next times, and why a run was refused, ${look}`, async () => {
      await running.admin('/api/schedules/Topic/default/memos/weekly/run', { method: 'POST' });
      const page = await running.open('schedules', look);
      await page.getByRole('row').filter({ hasText: 'memos' }).getByText('refused').waitFor();
      await assertAccessible(page);
      await picture(page, `schedules-${look}`);
      await page.getByRole('link', { name: 'weekly' }).click();
      await page.getByRole('row').filter({ hasText: 'text' }).first().getByText('refused').waitFor();
      await assertAccessible(page);
      await picture(page, `schedule-refused-${look}`);
    });

  it('says what was left out and why', async () => {
    const told = await running.admin<ScheduleReport>(`/api/${NIGHTLY}`);
    const [at, from] = ['2026-11-30T01:30:00.000Z', '2026-11-24T01:30:00.000Z'];
    const leftOut = [
      { at, why: 'overlap', count: 1, from: at },
      { at: from, why: 'missed', count: 1200, atLeast: true, from },
    ];
    const page = await running.fresh();
    await page.route(`**/api/${NIGHTLY}`, route => route.fulfill({ json: { ...told, leftOut, decidedUntil: at } }));
    const [address = '', code] = running.platform.openConsole().split('#');
    await page.goto(`${address}${NIGHTLY}#${code}`);
    await page.getByText('the job of the run before had not ended').waitFor();
    await page.getByText('1,201 at least').waitFor();
    await page.getByText('The clock of the store was ahead').waitFor();
    await assertAccessible(page);
    await picture(page, 'schedule-left-out-light');
  });

  it('tells whoever may not run a schedule who may', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/${NIGHTLY}`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Run now…' }).press('Enter');
    await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
  });
}

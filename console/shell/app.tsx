// Chooses what is shown: the way in, or the page of the address.
import { useEffect } from 'preact/hooks';
import { followChanges } from '../api/changes.ts';
import { forgetRights, learnRights, rights } from '../api/rights.ts';
import { access } from '../api/session.ts';
import { FindPage } from '../pages/events/find.tsx';
import { StoryPage } from '../pages/events/story.tsx';
import { FailuresPage } from '../pages/failures/failures.tsx';
import { LettersPage } from '../pages/failures/letters.tsx';
import { ParkedPage } from '../pages/failures/parked.tsx';
import { Home } from '../pages/home.tsx';
import { OperationPage } from '../pages/operations/operation.tsx';
import { OperationsPage } from '../pages/operations/operations.tsx';
import { ResourcePage } from '../pages/resources/resource.tsx';
import { ResourcesPage } from '../pages/resources/resources.tsx';
import { Later } from '../parts/later.tsx';
import { Empty, Loading } from '../parts/view.tsx';
import { linkTo, path } from './router.ts';
import { Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';

const loadAuditPage = async () => (await import('../pages/audit/audit.tsx')).AuditPage;
const loadGraphPage = async () => (await import('../pages/graph/graph.tsx')).GraphPage;
const loadSchedulesPage = async () => (await import('../pages/schedules/schedules-page.tsx')).SchedulesPage;
const loadSqlPage = async () => (await import('../pages/sql/sql.tsx')).SqlPage;
const loadTopicsPage = async () => (await import('../pages/topics/topics-page.tsx')).TopicsPage;
const loadSettingsPage = async () => (await import('../pages/settings/settings.tsx')).SettingsPage;

/** An administrator may change them while a page is open. */
const RIGHTS_EVERY_MS = 60_000;

export function App({ problem }: { readonly problem: string | undefined }) {
  const isIn = access.value === 'in';
  useEffect(() => {
    if (!isIn) return;
    const learn = () => void learnRights().catch(() => undefined);
    if (rights.value === undefined) learn();
    const timer = setInterval(learn, RIGHTS_EVERY_MS);
    const leave = followChanges();
    return () => {
      leave();
      clearInterval(timer);
      forgetRights();
    };
  }, [isIn]);
  if (access.value === 'asking')
    return (
      <main class="sign-in">
        <Loading />
      </main>
    );
  if (access.value === 'out') return <SignIn problem={problem} />;
  return (
    <Shell>
      <Page />
    </Shell>
  );
}

function titleOf(first: string | undefined): string {
  if (first === undefined) return 'What is wrong';
  if (first === 'sql') return 'SQL';
  return first === 'graph' ? 'What is there' : first.charAt(0).toUpperCase() + first.slice(1);
}

function Page() {
  const [first, second, third, fourth] = path.value;
  useEffect(() => {
    document.title = `${titleOf(first)} · Tenfold`;
  }, [first]);
  switch (first) {
    case undefined:
      return <Home />;
    case 'failures':
      if (second === 'letters') return <LettersPage />;
      return second === 'parked' ? <ParkedPage /> : <FailuresPage />;
    case 'audit':
      return <Later load={loadAuditPage} />;
    case 'graph':
      return <Later load={loadGraphPage} />;
    case 'operations':
      return second && third ? <OperationPage namespace={second} id={third} /> : <OperationsPage />;
    case 'find':
      return <FindPage />;
    case 'story':
      if (second && third && fourth) return <StoryPage namespace={second} topic={third} place={fourth} />;
      return <FindPage />;
    case 'resources':
      if (second && third && fourth) return <ResourcePage kind={second} namespace={third} name={fourth} />;
      return <ResourcesPage />;
    case 'schedules':
      return <Later load={loadSchedulesPage} />;
    case 'topics':
      return <Later load={loadTopicsPage} />;
    case 'sql':
      return <Later load={loadSqlPage} />;
    case 'settings':
      return <Later load={loadSettingsPage} />;
    default:
      return (
        <Empty title="There is no such page">
          <p>
            The address leads nowhere. <a href={linkTo([])}>See what is wrong</a>, or search above.
          </p>
        </Empty>
      );
  }
}

// Cancelling a job cannot be taken back, so a dialog says first what it does.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Act } from '../../parts/act.tsx';
import { Dialog } from '../../parts/dialog.tsx';

/** `children`: what cancelling does to this one. */
export function CancelJob(props: {
  readonly namespace: string;
  readonly cancel: () => Promise<void>;
  readonly children: ComponentChildren;
}) {
  const { namespace, cancel, children } = props;
  const [isAsked, setAsked] = useState(false);
  const close = () => setAsked(false);
  const go = async () => {
    await cancel();
    close();
  };
  return (
    <>
      <Act verb="operate" namespace={namespace} look="danger" act={() => setAsked(true)}>
        Cancel the job…
      </Act>
      {isAsked ? (
        <Dialog title="Cancel the job: the plan" close={close}>
          <p>{children}</p>
          <p class="banner banner-warn">It cannot be taken back: the job does not go on after it.</p>
          <footer>
            <button type="button" class="button" onClick={close}>
              Leave it
            </button>
            <Act verb="operate" namespace={namespace} look="danger" act={go}>
              Cancel it
            </Act>
          </footer>
        </Dialog>
      ) : null}
    </>
  );
}

// Whether a service that is asked again and again does what it is asked, told once for each
// change.

export interface Outlook {
  readonly inSight: boolean;
  readonly answered: () => void;
  readonly failed: (error: unknown) => void;
}

export function createOutlook(onChange?: (state: 'away' | 'back', error?: unknown) => void): Outlook {
  let inSight = true;
  return {
    get inSight() {
      return inSight;
    },
    answered() {
      if (inSight) return;
      inSight = true;
      onChange?.('back');
    },
    failed(error) {
      if (!inSight) return;
      inSight = false;
      onChange?.('away', error);
    },
  };
}
